import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import sharp from 'sharp'
import { cpuSecondsOf, quantile } from './load.ts'
import {
  type Contender,
  findPort,
  ROOT_USER,
  SECRET,
  startOurs,
  stop,
  untilListening,
} from './serve-contenders.ts'

const PICTURES = 100
const SECONDS = 5
const WARM_UP_SECONDS = 3

/**
 * Hits from a folder beside nginx and bare Node: requests a second, and CPU a hit of the server's processes alone. The
 * load is made by this process, which is another one's CPU, and on as many cores as there are takes some of theirs.
 */
export const compareStoredHits = async (folder: string): Promise<void> => {
  const originals = join(folder, 'small')
  const output = join(folder, 'small-out')
  await makePictures(originals)
  const ours = await startOurs({ originals, output, config: { formats: ['webp'] }, workers: 1 })
  const paths = readdirSync(originals).map((name) => new URL(ours.keyUrl(name, '320w.q80', 'webp')).pathname)
  await Promise.all(paths.map(async (path) => (await fetch(new URL(path, ours.urlOf('')))).arrayBuffer()))
  await new Promise((done) => setTimeout(done, 4_000)) // until they are in the folder alone
  const contenders = [
    await startStaticNginx(output, folder),
    await startBare(output, folder, 'memory'),
    await startBare(output, folder, 'files'),
    { ...ours, name: 'imgsizes, 1 worker' },
    {
      ...(await startOurs({ originals, output, config: { formats: ['webp'] }, workers: 2 })),
      name: 'imgsizes, 2 workers',
    },
  ].filter((each) => each !== undefined)
  console.log('\nhits from a folder, WebPs of 320 pixels:')
  for (const contender of contenders) await shootFor(contender, paths, 32, WARM_UP_SECONDS)
  for (const connections of [32, 256])
    for (const contender of contenders) {
      const cpuBefore = cpuSecondsOf(contender.pid)
      const times = await shootFor(contender, paths, connections, SECONDS)
      const cpuMs = ((cpuSecondsOf(contender.pid) - cpuBefore) * 1000) / times.length
      console.log(
        `  ${contender.name.padEnd(24)}${String(connections).padStart(4)} connections: ${(times.length / SECONDS).toFixed(0).padStart(6)} a second, ` +
          `p99 ${quantile(times, 0.99).toFixed(0).padStart(4)} ms, ${cpuMs.toFixed(3)} ms CPU a hit`,
      )
    }
  await Promise.all(contenders.map((contender) => contender.stop()))
}

/** Noise, softened: some 20 kB each. */
const makePictures = async (originals: string): Promise<void> => {
  mkdirSync(originals, { recursive: true })
  const noise = Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 7919 + ((i * i) >> 3)) & 255))
  const raw = { width: 64, height: 48, channels: 3 } as const
  const bytes = await sharp(noise, { raw }).resize(400, 300).jpeg({ quality: 90 }).toBuffer()
  for (let index = 0; index < PICTURES; index++) writeFileSync(join(originals, `p${index}.jpg`), bytes)
}

/** How long each answer took, in milliseconds: one request after another over each connection. */
const shootFor = async (
  contender: Pick<Contender, 'name' | 'urlOf'>,
  paths: readonly string[],
  connections: number,
  seconds: number,
): Promise<readonly number[]> => {
  const port = Number(new URL(contender.urlOf('')).port)
  const times: number[] = []
  const endAt = performance.now() + seconds * 1000
  let next = 0
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true)
      let startedAt = 0
      let left = 0
      const ask = (): void => {
        if (performance.now() >= endAt) return void socket.destroy()
        startedAt = performance.now()
        left = 0
        socket.write(`GET ${paths[next++ % paths.length]} HTTP/1.1\r\nHost: a\r\n\r\n`)
      }
      socket.on('connect', ask)
      socket.on('data', (chunk) => {
        if (left === 0) {
          const head = chunk.toString('latin1', 0, 2_000)
          const length = /content-length: ([0-9]+)/i.exec(head)?.[1]
          if (!head.startsWith('HTTP/1.1 200') || length === undefined)
            return reject(new Error(`${contender.name}: ${head.split('\r\n')[0]}`))
          left = head.indexOf('\r\n\r\n') + 4 + Number(length)
        }
        left -= chunk.length
        if (left > 0) return
        times.push(performance.now() - startedAt)
        ask()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve())
    })
  await Promise.all(Array.from({ length: connections }, run))
  return times
}

const startStaticNginx = async (output: string, folder: string): Promise<Contender | undefined> => {
  const port = await findPort()
  const file = join(folder, 'static.conf')
  writeFileSync(
    file,
    `${ROOT_USER}worker_processes 2; daemon off; pid ${folder}/static.pid; error_log ${folder}/static.log;
events { worker_connections 1024; }
http {
  access_log off; types { image/webp webp; } sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  server { listen 127.0.0.1:${port} reuseport; root ${output}; }
}
`,
  )
  const child = spawn('nginx', ['-c', file, '-p', folder, '-e', `${folder}/static.log`], { stdio: 'ignore' })
  child.on('error', () => {})
  await new Promise((done) => setTimeout(done, 200))
  if (child.exitCode !== null || child.pid === undefined) return undefined
  await untilListening(port, child)
  return toContender('nginx static, 2 workers', port, child)
}

/** What Node itself needs for it: the signature checked, and the bytes from memory or by the calls that a file takes. */
const startBare = async (output: string, folder: string, from: 'memory' | 'files'): Promise<Contender> => {
  const port = await findPort()
  const file = join(folder, `bare-${from}.mjs`)
  writeFileSync(
    file,
    `import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { createServer } from 'node:http'
const known = new Map()
const read = {
  memory: async (path) => known.get(path) ?? known.set(path, readFileSync(path)).get(path),
  files: async (path) => {
    const file = await open(await realpath(path))
    const bytes = Buffer.allocUnsafe((await file.stat()).size)
    await file.read(bytes, 0, bytes.length, 0)
    await file.close()
    return bytes
  },
}
createServer(async ({ url }, answer) => {
  const dot = url.lastIndexOf('.')
  const before = url.lastIndexOf('.', dot - 1)
  const signature = createHmac('sha256', ${JSON.stringify(SECRET)}).update(url.slice(1, before)).digest('base64url')
  if (signature.slice(0, 16) !== url.slice(before + 1, dot)) return answer.writeHead(403).end()
  const bytes = await read.${from}(${JSON.stringify(output)} + url)
  answer.writeHead(200, { 'content-type': 'image/webp', 'content-length': bytes.length }).end(bytes)
}).listen(${port}, '127.0.0.1')
`,
  )
  const child = spawn(process.execPath, [file], { stdio: 'ignore' })
  await untilListening(port, child)
  return toContender(`bare Node, ${from === 'memory' ? 'from memory' : 'file calls'}`, port, child)
}

const toContender = (name: string, port: number, child: ChildProcess): Contender => ({
  name,
  pid: child.pid ?? 0,
  urlOf: (path) => `http://127.0.0.1:${port}/${path}`,
  stop: () => stop(child),
})
