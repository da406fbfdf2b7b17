import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Format } from '../../src/core/format.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import { toTransform } from '../support/parsed.ts'

/** One result, in the words of each server. */
export interface Asked {
  readonly transform: string
  readonly format: Format
  readonly ipx: string
}

export const WIDE_640: Asked = { transform: '640w.q80', format: 'jpg', ipx: 'w_640,q_80' }

/** A server that resizes on demand, on a folder of originals. */
export interface Contender {
  readonly name: string
  readonly pid: number
  /** Where `source` is answered so; default 640 wide at quality 80, a JPEG. */
  urlOf(source: string, asked?: Asked): string
  stop(): Promise<void>
}

/** This checkout: esbuild bundles this file elsewhere, so paths start where npm runs scripts. */
const ROOT = process.cwd()
export const SECRET = 'a-secret-for-the-bench-alone'
const keyring = createKeyring([{ value: SECRET, isRetired: false }])

export interface OursOptions {
  readonly originals: string
  readonly output: string
  readonly config?: object
  /** Processes that answer; default: those that `serve` takes. */
  readonly workers?: number
  /** More of the command line. */
  readonly flags?: readonly string[]
}

/** `imgsizes serve`, as it is installed. */
export const startOurs = async (
  options: OursOptions,
): Promise<Contender & { keyUrl(source: string, transform: string, format: Format): string }> => {
  const port = await findPort()
  const folder = `${options.output}-project-${port}`
  mkdirSync(folder, { recursive: true })
  const config = { source: options.originals, output: options.output, secret: SECRET, ...options.config }
  writeFileSync(join(folder, 'imgsizes.config.json'), JSON.stringify(config))
  const bin = resolve(ROOT, 'bin/imgsizes.cjs')
  const args = [
    bin,
    'serve',
    '--quiet',
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
    ...toWorkers(options),
  ].concat(options.flags ?? [])
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await untilListening(port, child)
  const keyUrl = (source: string, text: string, format: Format): string => {
    const key = keyring.keyOf({ source: source as SourceKey, transform: toTransform(text), format })
    return `http://127.0.0.1:${port}/${encodePath(key)}`
  }
  return {
    name: 'imgsizes',
    pid: child.pid ?? 0,
    keyUrl,
    urlOf: (source, { transform, format } = WIDE_640) => keyUrl(source, transform, format),
    stop: () => stop(child),
  }
}

const IMAGE_FILTER = '/usr/lib/nginx/modules/ngx_http_image_filter_module.so'

/**
 * Debian's nginx with its image_filter and no cache; undefined where it is not installed. `reuseport` shares the
 * connections among its processes: without it one of them may take all.
 */
export const startNginx = async (originals: string, folder: string): Promise<Contender | undefined> => {
  if (!existsSync(IMAGE_FILTER)) return undefined
  const port = await findPort()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `load_module ${IMAGE_FILTER};
${ROOT_USER}worker_processes auto; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; types { image/jpeg jpg; }
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port} reuseport; root ${originals};
    location / { image_filter resize 640 -; image_filter_buffer 64M; image_filter_jpeg_quality 80; }
  }
}
`,
  )
  const child = spawn('nginx', ['-c', file, '-p', folder, '-e', `${folder}/error.log`], { stdio: 'ignore' })
  await untilListening(port, child)
  return {
    name: 'nginx image_filter',
    pid: child.pid ?? 0,
    urlOf: (source) => `http://127.0.0.1:${port}/${source}`,
    stop: () => stop(child),
  }
}

const IPX = 'ipx@3.1.1'

/** ipx as npm has it, installed once into a cache folder; undefined where that fails. */
export const startIpx = async (originals: string): Promise<Contender | undefined> => {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'imgsizes-bench', 'ipx')
  if (!existsSync(join(cache, 'node_modules/ipx'))) {
    mkdirSync(cache, { recursive: true })
    console.error(`installing ${IPX} into ${cache}`)
    try {
      writeFileSync(join(cache, 'package.json'), '{"private":true,"type":"module"}')
      execFileSync('npm', ['install', '--no-audit', '--no-fund', IPX], { cwd: cache, stdio: 'ignore' })
    } catch {
      console.error(`${IPX} could not be installed: it is left out`)
      return undefined
    }
  }
  const port = await findPort()
  const file = join(cache, 'server.mjs')
  writeFileSync(
    file,
    `import { createServer } from 'node:http'
import { createIPX, createIPXNodeServer, ipxFSStorage } from 'ipx'
const ipx = createIPX({ storage: ipxFSStorage({ dir: process.argv[2] }) })
createServer(createIPXNodeServer(ipx)).listen(Number(process.argv[3]), '127.0.0.1')
`,
  )
  const child = spawn(process.execPath, [file, originals, String(port)], { cwd: cache, stdio: 'ignore' })
  await untilListening(port, child)
  return {
    name: 'ipx',
    pid: child.pid ?? 0,
    urlOf: (source, { ipx } = WIDE_640) => `http://127.0.0.1:${port}/${ipx}/${source}`,
    stop: () => stop(child),
  }
}

const toWorkers = ({ workers }: OursOptions): readonly string[] =>
  workers === undefined ? [] : ['--workers', String(workers)]

/** nginx's workers would be `nobody` and could not read the folder. */
const isRoot = (): boolean => process.getuid?.() === 0

export const ROOT_USER = isRoot() ? 'user root; ' : ''

export const findPort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })

export const untilListening = async (port: number, child: ChildProcess): Promise<void> => {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      async (answer) => {
        await answer.arrayBuffer()
        return true
      },
      () => false,
    )
    if (isUp) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${child.spawnargs.join(' ')} does not listen`)
}

export const stop = (child: ChildProcess): Promise<void> =>
  new Promise((done) => {
    child.once('close', () => done())
    child.kill('SIGTERM')
  })
