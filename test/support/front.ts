import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProgram, installPackages } from './packages.ts'
import { hearServe } from './serve-process.ts'
import type { Site } from './site.ts'
import { words } from './words.ts'

/** A server in front, as Debian ships it, on a configuration that `imgsizes origin` printed. */
export interface Front {
  readonly url: string
  readonly folder: string
  /** What it said on stderr. */
  log(): string
  stop(): Promise<void>
}

const START_LIMIT_MS = 60_000

/** The log that `readAccessLog` reads, with `@` for `$`. */
const SEEN =
  "log_format seen '@status @request_method @request_uri cache=@upstream_cache_status upstream=@upstream_addr';"

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve()),
  )
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** nginx in the foreground, on `config` inside an `http` block. */
export const startNginx = async (config: string, port: number): Promise<Front> => {
  await installPackages({ what: 'nginx', packages: ['nginx'], programs: ['nginx'] })
  const folder = makeFolder('nginx')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    join(folder, 'nginx.conf'),
    [
      'daemon off; worker_processes 1; error_log stderr warn;',
      `pid ${folder}/pid;`,
      // As root the worker would be another user, who may not read the test's folders.
      ...(process.getuid?.() === 0 ? ['user root;'] : []),
      'events { worker_connections 256; }',
      'http {',
      SEEN.replaceAll('@', '$'),
      `access_log ${folder}/access.log seen;`,
      ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
      config,
      '}',
    ].join('\n'),
  )
  const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
  return startFront(findProgram('nginx') ?? 'nginx', args, { folder, port })
}

/** nginx with Debian's own configuration, whose folders are empty and its own: nothing of this machine is changed. */
export interface DebianNginx extends Pick<Front, 'stop'> {
  /** A shell script that runs its arguments as the administrator of that machine would. */
  readonly sudo: string
  /** What was asked, as `readAccessLog` has it of others. */
  readonly folder: string
}

const OWN_FOLDERS = words(`
  /etc/nginx/conf.d /etc/nginx/sites-enabled /var/cache /var/log/nginx /var/lib/nginx /run
`)

/** Undefined, said in a line, where this user may have no mounts of its own. */
export const startDebianNginx = async (): Promise<DebianNginx | undefined> => {
  await installPackages({ what: 'nginx', packages: ['nginx'], programs: ['nginx'] })
  const script = [
    'set -e',
    `for folder in ${OWN_FOLDERS.join(' ')}; do mkdir -p $folder; mount -t tmpfs tmpfs $folder; done`,
    'mkdir /var/log/nginx/seen',
    `echo "${SEEN} access_log /var/log/nginx/seen/access.log seen;" | sed 's/@/$/g' > /etc/nginx/conf.d/seen.conf`,
    "exec nginx -g 'daemon off;'",
  ].join('\n')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--mount', 'sh', '-c', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += String(chunk)
  })
  const root = `/proc/${child.pid}/root`
  const deadline = Date.now() + START_LIMIT_MS
  while (!existsSync(`${root}/run/nginx.pid`)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await endProcess(child)
      return void console.error(`skipped: Debian's nginx as it is set up there (${text.trim()})`)
    }
    await sleep(20)
  }
  return {
    sudo: `#!/bin/sh\nexec nsenter --mount --target ${child.pid} --wd="$PWD" -- "$@"\n`,
    folder: `${root}/var/log/nginx/seen`,
    stop: () => endProcess(child),
  }
}

/** Caddy on a Caddyfile, without its admin interface. */
export const startCaddy = async (config: string, port: number): Promise<Front> => {
  await installPackages({ what: 'Caddy', packages: ['caddy'], programs: ['caddy'] })
  const folder = makeFolder('caddy')
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${config}`)
  const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']
  return startFront(findProgram('caddy') ?? 'caddy', args, { folder, port })
}

const makeFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `imgsizes-${name}-`))
  mkdirSync(join(folder, 'home'))
  return folder
}

/** A server that goes with this process, however it ends; ready when it answers. */
export const startFront = async (
  program: string,
  args: readonly string[],
  { folder, port }: { readonly folder: string; readonly port: number },
): Promise<Front> => {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: join(folder, 'home') },
  })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += String(chunk)
  })
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + START_LIMIT_MS
  while ((await fetch(url).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${program} did not start: ${text}\n${args.at(-1)}`)
    await sleep(20)
  }
  return {
    url,
    folder,
    log: () => text,
    stop: async () => {
      await endProcess(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const endProcess = async (child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

/** A real `imgsizes serve`. */
export interface Serve {
  readonly url: string
  /** The paths that it was asked for up to now, from its own log. */
  asked(): Promise<readonly string[]>
  stop(): Promise<void>
}

export const startServe = async (site: Pick<Site, 'start'>, ...args: readonly string[]): Promise<Serve> => {
  const child = site.start(
    'serve',
    '--host',
    '127.0.0.1',
    '--json',
    // Of several workers' requests the log tells in no order, and `asked` goes by that.
    '--workers',
    '1',
    ...(args.includes('--port') ? [] : ['--port', '0']),
    ...args,
  )
  const { port, stderr } = await hearServe(child)
  const url = `http://127.0.0.1:${port}`
  const paths = (): readonly string[] =>
    stderr()
      .split('\n')
      .filter((line) => line.includes('"msg":"request"'))
      .map((line) => (JSON.parse(line) as { path: string }).path)
  let marks = 0
  return {
    url,
    asked: async () => {
      // The log is written behind the answers: a request of our own marks how far it has come.
      const mark = `/mark-${++marks}`
      await fetch(url + mark)
      while (!paths().includes(mark)) await sleep(5)
      return paths().filter((path) => !path.startsWith('/mark-'))
    },
    stop: () => endProcess(child),
  }
}

/** The lines of nginx's access log, as {@link startNginx} has it written. */
export const readAccessLog = ({ folder }: Pick<Front, 'folder'>): readonly string[] =>
  readFileSync(join(folder, 'access.log'), 'utf8').trim().split('\n')
