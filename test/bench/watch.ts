/**
 * What `watch` promises, shown on real parts: Ceph's gateway for originals and results in one bucket, ElasticMQ for the
 * queue, workers as processes. `npm run bench:watch [-- events|latency|build|soak …]`; exits with 1 where a promise is
 * broken.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { startCeph } from '../support/ceph.ts'
import { openElasticQueue, startElasticMq } from '../support/elasticmq.ts'
import { words } from '../support/words.ts'

const BIN = fileURLToPath(new URL('../../bin/imgsizes.cjs', import.meta.url))
const BUCKET = 'pictures'
const PARTS = ['events', 'latency', 'build', 'soak'] as const

const asked = process.argv.slice(2)
const wants = (part: (typeof PARTS)[number]): boolean => asked.length === 0 || asked.includes(part)
const say = (text: string): void => console.log(text)

const ceph = await startCeph()
const elastic = await startElasticMq()
if (elastic === undefined) process.exit(1)
process.env.AWS_ACCESS_KEY_ID = ceph.owner.accessKeyId
process.env.AWS_SECRET_ACCESS_KEY = ceph.owner.secretAccessKey
process.env.AWS_REGION = 'us-east-1'
const client = new S3Client({
  endpoint: ceph.endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
})
await client.send(new CreateBucketCommand({ Bucket: BUCKET }))

const folder = mkdtempSync(join(tmpdir(), 'imgsizes-bench-watch-'))
const children = new Set<ChildProcess>()
let isBroken = false
const check = (holds: boolean, what: string): void => {
  say(`${holds ? 'ok    ' : 'BROKEN'} ${what}`)
  isBroken ||= !holds
}

/** A configuration of its own, below a prefix of its own in the one bucket. */
const setUp = async (
  name: string,
  options: { readonly visibilitySeconds?: number; readonly source?: string } = {},
) => {
  const place = (path: string) => `s3://${BUCKET}/${path}?endpoint=${ceph.endpoint}&forcePathStyle=true`
  const source = options.source ?? name
  const config = join(folder, `${name}.json`)
  writeFileSync(
    config,
    JSON.stringify({
      source: place(`${source}/in/`),
      output: place(`${name}/out/`),
      baseUrl: '/img/',
      secret: 'correct-horse-battery-staple',
      formats: ['webp'],
      sizes: { small: { widths: [16, 32] } },
    }),
  )
  const queueName = await elastic.createQueue({
    visibilitySeconds: options.visibilitySeconds ?? 30,
    mostReceives: 50,
  })
  const uri = `sqs://${queueName}?endpoint=${elastic.endpoint}&region=us-east-1`
  const queue = openElasticQueue(elastic, queueName)
  return { name, config, uri, queue, input: `${source}/in/`, output: `${name}/out/` }
}
type Site = Awaited<ReturnType<typeof setUp>>

interface Worker {
  readonly child: ChildProcess
  /** Ends once it takes messages. */
  readonly begun: Promise<void>
}

const startWorker = ({ config, uri }: Site): Worker => {
  const args = [BIN, 'watch', '--config', config, '--events', uri, '--concurrency', '1', '--json']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const begun = new Promise<void>((resolve) =>
    child.stderr.on('data', (lines: Buffer) => {
      if (lines.includes('"watching"')) resolve()
    }),
  )
  return { child, begun }
}

/** The exit code, or the signal that ended it. */
const end = async ({ child }: Worker, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> => {
  const endOf = () => child.exitCode ?? child.signalCode
  if (endOf() !== null) return endOf()
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill(signal)
  await exited
  return endOf()
}

const runCli = (...args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(process.execPath, [BIN, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      error === null || error.code === 3 ? resolve(stdout) : reject(new Error(stderr || error.message)),
    ),
  )

const put = (Key: string, Body: Uint8Array) =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
const read = async (Key: string): Promise<Uint8Array> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}
const list = async (Prefix: string): Promise<readonly string[]> => {
  const keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: BUCKET, Prefix }))
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key)
  return keys
}
const listResults = async ({ output }: Site): Promise<readonly string[]> =>
  (await list(output)).filter((key) => !key.startsWith(`${output}.imgsizes/`))

/** A picture that says by its grey which one it is. */
const draw = (grey: number): Promise<Buffer> =>
  sharp({ create: { width: 48, height: 36, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .jpeg({ quality: 95 })
    .toBuffer()

const event = (key: string): string =>
  JSON.stringify({
    Records: [
      {
        eventSource: 'aws:s3',
        eventTime: new Date().toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: BUCKET }, object: { key: encodeURIComponent(key).replaceAll('%20', '+') } },
      },
    ],
  })

const untilEmpty = async ({ queue }: Site, seconds: number): Promise<boolean> => {
  let quiet = 0
  for (const until = Date.now() + seconds * 1000; Date.now() < until && quiet < 3; await sleep(1000)) {
    const { waiting, inHand } = await queue.depth()
    quiet = waiting + inHand === 0 ? quiet + 1 : 0
  }
  return quiet >= 3
}

const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T

const showEvents = async (): Promise<void> => {
  const EVENTS = 10_000
  const site = await setUp('events', { visibilitySeconds: 10 })
  const odd = [
    'a b',
    ...words(`
      plus+plus 100% été e\u0301 🐈 a&b;c quote'd x=y?z# deep/er/still
    `),
  ]
  const names = Array.from({ length: 300 }, (_, index) => `${pick(odd)}/${index}.jpg`)
  const greys = Array.from({ length: 12 }, (_, index) => 10 + index * 20)
  const bytes = await Promise.all(greys.map(draw))
  const now = new Map<string, number | undefined>()
  const startedAt = Date.now()
  await put(`${site.input}keep.jpg`, bytes[0] ?? new Uint8Array())

  const workers = [startWorker(site), startWorker(site), startWorker(site)]
  let kills = 0
  let isOver = false
  const killing = (async () => {
    while (!isOver) {
      await sleep(4_000)
      const index = Math.floor(Math.random() * workers.length)
      const worker = workers[index]
      if (isOver || worker === undefined) continue
      await end(worker, 'SIGKILL')
      kills++
      workers[index] = startWorker(site)
    }
  })()

  let sent = 0
  let late: string[] = []
  const send = async (bodies: readonly string[]): Promise<void> => {
    await site.queue.send(bodies)
    sent += bodies.length
  }
  const change = async (): Promise<void> => {
    const name = pick(names)
    const key = site.input + name
    if (Math.random() < 0.2 && now.get(name) !== undefined) {
      await remove(key)
      now.set(name, undefined)
    } else {
      const index = Math.floor(Math.random() * greys.length)
      await put(key, bytes[index] ?? new Uint8Array())
      now.set(name, greys[index])
    }
    // One at once, one twice, and one much later, when something else may be true.
    await send([event(key), event(key), event(key)])
    late.push(event(key))
    if (late.length >= 200) {
      await send(late.toSorted(() => Math.random() - 0.5))
      late = []
    }
  }
  // Of one name one change at a time: else nobody knows which was the last.
  while (sent < EVENTS) await change()
  await send(late)
  const changedSeconds = (Date.now() - startedAt) / 1000
  const isEmpty = await untilEmpty(site, 600)
  isOver = true
  await killing
  // One that is told to stop before it has begun is ended by the signal.
  await Promise.all(workers.map(({ begun }) => begun))
  const codes = await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')))
  const seconds = (Date.now() - startedAt) / 1000
  say(
    `events: ${sent} sent in ${changedSeconds.toFixed(0)} s, worked off in ${seconds.toFixed(0)} s, ${kills} workers killed`,
  )
  check(isEmpty, 'the queue is empty')
  check(
    codes.every((code) => code === 0),
    `workers that are told to stop end with 0 (${codes})`,
  )
  const results = await listResults(site)
  let wrong = 0
  for (const key of results) {
    const name = key.slice(site.output.length, key.lastIndexOf('/'))
    const grey = name === 'keep.jpg' ? greys[0] : now.get(name)
    const { channels } = await sharp(await read(key)).stats()
    if (name !== 'keep.jpg' && (grey === undefined || Math.abs((channels[0]?.mean ?? 0) - grey) > 6)) wrong++
  }
  const standing = [...now.values()].filter((grey) => grey !== undefined).length
  const named = results.filter((key) => !key.startsWith(`${site.output}keep.jpg`))
  check(wrong === 0, `of ${named.length} results ${wrong} are of a wrong picture or of one that is gone`)
  check(
    named.length === standing * 2,
    `${standing} sources that are there have ${named.length} results of ${standing * 2}`,
  )
  const plan = JSON.parse(await runCli('plan', '--config', site.config, '--only', '*/**', '--json'))
  const { missing, stale, orphans, failing } = plan
  check(
    missing + stale + orphans + failing === 0,
    `a plan finds ${JSON.stringify({ missing, stale, orphans, failing })}`,
  )
  const dead = await (await site.queue.openDeadLetters())?.depth()
  check(dead?.waiting === 0, 'no message was put aside')
}

const showLatency = async (): Promise<void> => {
  const site = await setUp('latency')
  const worker = startWorker(site)
  const picture = await draw(90)
  const times: number[] = []
  await worker.begun
  for (let index = 0; index < 12; index++) {
    const key = `${site.input}${index}.jpg`
    const startedAt = Date.now()
    await put(key, picture)
    await site.queue.send([event(key)])
    while ((await listResults({ ...site, output: `${site.output}${index}.jpg` })).length < 2) await sleep(10)
    times.push(Date.now() - startedAt)
    await sleep(1_500)
  }
  await end(worker, 'SIGTERM')
  const sorted = times.slice(2).toSorted((a, b) => a - b)
  say(`latency: upload to both results stored, ms: ${sorted.join(' ')}`)
  check((sorted.at(-1) ?? 0) < 2_000, 'each within 2 s at an idle worker')
}

const showBuild = async (): Promise<void> => {
  const SOURCES = 2_000
  const one = await setUp('one')
  const many = await setUp('many', { source: 'one' })
  const pictures = await Promise.all(Array.from({ length: 40 }, (_, index) => draw(index * 6)))
  for (let start = 0; start < SOURCES; start += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        put(
          `${one.input}${(start + index) % 17}/${start + index}.jpg`,
          pictures[(start + index) % 40] ?? new Uint8Array(),
        ),
      ),
    )
  const startedAt = Date.now()
  await runCli('build', '--config', one.config, '--quiet')
  const builtAt = Date.now()
  const workers = [startWorker(many), startWorker(many), startWorker(many), startWorker(many)]
  const { sent } = JSON.parse(await runCli('plan', '--config', many.config, '--to', many.uri, '--json'))
  const isEmpty = await untilEmpty(many, 600)
  const workedAt = Date.now()
  await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')))
  say(
    `build: ${SOURCES} sources, one build ${((builtAt - startedAt) / 1000).toFixed(0)} s; plan --to (${sent.messages} messages) and 4 workers ${((workedAt - builtAt) / 1000).toFixed(0)} s, on the same cores`,
  )
  check(isEmpty && sent.sources === SOURCES, `${sent.sources} sources were sent, and all worked off`)
  const digests = async (site: Site): Promise<string> => {
    const hash = createHash('sha256')
    for (const key of await listResults(site))
      hash.update(key.slice(site.output.length)).update(await read(key))
    return hash.digest('hex')
  }
  check((await listResults(many)).length === SOURCES * 2, `${(await listResults(many)).length} results`)
  check((await digests(one)) === (await digests(many)), 'the same keys, the same bytes')
}

/** Megabytes of a process and of all that it has started. */
const rssOf = (pid: number | undefined): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  return children.reduce((sum, child) => sum + rssOf(Number(child)), own)
}

/** A part of the ledger each 10 s, so that merges are seen; what they replace stands for 10 minutes more. */
const showSoak = async (): Promise<void> => {
  const MINUTES = Number(process.env.SOAK_MINUTES ?? 4)
  const site = await setUp('soak', { visibilitySeconds: 10 })
  const worker = startWorker(site)
  const pictures = await Promise.all([40, 200].map(draw))
  const startedAt = Date.now()
  const endsAt = startedAt + MINUTES * 60_000
  let sent = 0
  say('soak: minutes, MB of the worker and its render processes, names in the ledger (manifests of merges)')
  for (let next = startedAt + 10_000; Date.now() < endsAt; sent++) {
    const key = `${site.input}${sent % 100}.jpg`
    await put(key, pictures[Math.floor(sent / 100) % 2] ?? new Uint8Array())
    await site.queue.send([event(key), event(key)])
    if (Date.now() >= next) {
      const names = await list(`${site.output}.imgsizes/ledger/`)
      const merges = names.filter((name) => name.includes('.manifest.')).length
      const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
      say(`  ${minutes} ${rssOf(worker.child.pid).toFixed(0)} MB ${names.length} (${merges})`)
      next += Math.max((MINUTES * 60_000) / 40, 5_000)
    }
    await sleep(1_000)
  }
  const isEmpty = await untilEmpty(site, 120)
  const code = await end(worker, 'SIGTERM')
  say(`  ${sent} replacements of 100 sources, told of twice, by one worker`)
  check(isEmpty && code === 0, `the queue is empty, and the worker ends with 0 (${code})`)
}

try {
  if (wants('latency')) await showLatency()
  if (wants('build')) await showBuild()
  if (wants('events')) await showEvents()
  if (wants('soak')) await showSoak()
} finally {
  for (const child of children) child.kill('SIGKILL')
  client.destroy()
  await elastic.stop()
  await ceph.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(isBroken ? 1 : 0)
