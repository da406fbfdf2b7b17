import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { openElasticQueue, startElasticMq } from '../support/elasticmq.ts'
import { makeFolder } from '../support/folder.ts'

/** `watch` as a process: a folder, the webhook, and workers of a queue. */

const TOKEN = 'a-token-of-24-characters'

const elastic = await startElasticMq()
const children = new Set<ChildProcess>()
let picture: Buffer

beforeAll(async () => {
  picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a83' } })
    .jpeg()
    .toBuffer()
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
})
afterAll(async () => {
  await elastic?.stop()
})

const makeSite = async (): Promise<string> => {
  const cwd = makeFolder()
  await mkdir(join(cwd, 'photos'))
  const config = {
    source: './photos',
    output: './out',
    baseUrl: '/img/',
    secret: 'correct-horse-battery-staple',
  }
  const sizes = { formats: ['webp'], sizes: { small: { widths: [16] } } }
  await writeFile(join(cwd, 'imgsizes.config.json'), JSON.stringify({ ...config, ...sizes }))
  await writeFile(join(cwd, 'photos', 'keep.jpg'), picture)
  return cwd
}

const start = (cwd: string, ...args: readonly string[]) => {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...process.env, IMGSIZES_WATCH_TOKEN: TOKEN },
  })
  children.add(child)
  let said = ''
  const hear = (chunk: Buffer): void => {
    said += chunk.toString()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    said: () => said,
    stop: (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
    exited,
  }
}

/** The sources that have a result. */
const shown = async (cwd: string): Promise<readonly string[]> => {
  const names = await readdir(join(cwd, 'out'), { recursive: true }).catch(() => [])
  return names
    .filter((name) => name.endsWith('.webp'))
    .map((name) => name.slice(0, name.lastIndexOf('/')))
    .sort()
}

test('a folder is compared, then followed: what comes, moves and goes', async () => {
  const cwd = await makeSite()
  const worker = start(cwd, 'watch')
  await expect.poll(() => shown(cwd)).toEqual(['keep.jpg'])
  await mkdir(join(cwd, 'photos', 'sub'))
  await writeFile(join(cwd, 'photos', 'sub', 'été a.jpg'), picture)
  await expect.poll(() => shown(cwd)).toEqual(['keep.jpg', 'sub/été a.jpg'])
  await rename(join(cwd, 'photos', 'sub'), join(cwd, 'photos', 'bus'))
  await expect.poll(() => shown(cwd)).toEqual(['bus/été a.jpg', 'keep.jpg'])
  await rm(join(cwd, 'photos', 'bus', 'été a.jpg'))
  await expect.poll(() => shown(cwd)).toEqual(['keep.jpg'])
  expect(await worker.stop()).toBe(0)
})

test('what is pushed is worked off before it is answered, and nothing without the token', async () => {
  const cwd = await makeSite()
  const worker = start(cwd, 'watch', '--listen', '127.0.0.1:0')
  await expect.poll(worker.said).toContain('takes events at')
  const at = /events at (\S+)/.exec(worker.said())?.[1] ?? ''
  const body = JSON.stringify({ sources: ['keep.jpg', 'never.jpg'] })
  expect((await fetch(at, { method: 'POST', body })).status).toBe(401)
  expect(await shown(cwd)).toEqual([])
  const answer = await fetch(at, { method: 'POST', body, headers: { authorization: `Bearer ${TOKEN}` } })
  expect(answer.status).toBe(202)
  expect(await shown(cwd)).toEqual(['keep.jpg'])
  expect(await worker.stop()).toBe(0)
})

test.skipIf(elastic === undefined)(
  'workers of a queue do what plan --to sends, one of them killed, and leave nothing for a build',
  async () => {
    if (elastic === undefined) return
    const cwd = await makeSite()
    for (let index = 0; index < 120; index++) await writeFile(join(cwd, 'photos', `${index}.jpg`), picture)
    const name = await elastic.createQueue({ visibilitySeconds: 3, mostReceives: 20 })
    const uri = `sqs://${name}?endpoint=${elastic.endpoint}&region=us-east-1`
    const told = start(cwd, 'plan', '--to', uri, '--only', 'keep.jpg')
    expect(await told.exited).toBe(0)
    expect(told.said()).toContain(`imgsizes watch --events '${uri}'`)
    const workers = [start(cwd, 'watch', '--events', uri), start(cwd, 'watch', '--events', uri)]
    const plan = start(cwd, 'plan', '--to', uri, '--json')
    expect(await plan.exited).toBe(0)
    expect(plan.said()).toMatch(/"sent":\{"sources":121,"messages":\d+\}/)
    await expect.poll(() => shown(cwd).then(({ length }) => length)).toBeGreaterThan(5)
    await workers[0]?.stop('SIGKILL')
    const queue = openElasticQueue(elastic, name)
    await expect.poll(() => queue.depth()).toEqual({ waiting: 0, inHand: 0 })
    expect(await workers[1]?.stop()).toBe(0)
    expect(await shown(cwd)).toHaveLength(121)
    const after = start(cwd, 'plan', '--check', '--json')
    expect(await after.exited).toBe(0)
    expect(after.said()).toContain('"missing":0,"stale":0')
    await queue.close()
  },
)
