import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/front.ts'
import type { RunningServer } from './servers.ts'

const RINGS = ['account', 'container', 'object'] as const
const FILTERS = 'catch_errors cache listing_formats bulk s3api tempauth slo dlo'
/** `tempauth` knows an account and a user of it. */
const OWNER = { accessKeyId: 'owner:owner', secretAccessKey: 'owner-secret' } as const

/** OpenStack Swift with its middleware s3api: four daemons, one disk, one copy. Undefined where it is not installed. */
export const startSwift = async (): Promise<RunningServer | undefined> => {
  if (!existsSync('/usr/bin/swift-proxy-server') || !existsSync('/etc/swift/swift.conf')) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-swift-'))
  mkdirSync(join(folder, 'disks/one'), { recursive: true })
  const daemons: ChildProcess[] = []
  const start = (name: string): void => {
    daemons.push(
      spawn(`swift-${name}-server`, [join(folder, `${name}.conf`)], { cwd: folder, stdio: 'ignore' }),
    )
  }
  const stop = async (): Promise<void> => {
    for (const daemon of daemons) daemon.kill('SIGKILL')
    await sleep(200)
    rmSync(folder, { recursive: true, force: true })
  }
  for (const ring of RINGS) {
    const port = await freePort()
    const build = (...args: string[]) =>
      execFileSync('swift-ring-builder', [`${ring}.builder`, ...args], { cwd: folder, stdio: 'ignore' })
    build('create', '4', '1', '0')
    build('add', `r1z1-127.0.0.1:${port}/one`, '1')
    build('rebalance')
    writeFileSync(
      join(folder, `${ring}.conf`),
      confOf(folder, port, `${ring}-server`, [`[app:${ring}-server]`, `use = egg:swift#${ring}`]),
    )
    start(ring)
  }
  const port = await freePort()
  const filters = FILTERS.split(' ').flatMap((name) => [
    `[filter:${name}]`,
    `use = egg:swift#${name === 'cache' ? 'memcache' : name}`,
    ...(SETTINGS[name] ?? []),
  ])
  const app = ['[app:proxy-server]', 'use = egg:swift#proxy', 'account_autocreate = true']
  writeFileSync(
    join(folder, 'proxy.conf'),
    confOf(folder, port, `${FILTERS} proxy-server`, [...app, ...filters]),
  )
  start('proxy')
  const endpoint = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 600; tries++) {
    if ((await fetch(endpoint).catch(() => undefined)) !== undefined) return { endpoint, owner: OWNER, stop }
    await sleep(100)
  }
  await stop()
  throw new Error('Swift did not start')
}

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  s3api: ['location = us-east-1'],
  tempauth: [`user_owner_owner = ${OWNER.secretAccessKey} .admin`],
}

const confOf = (folder: string, port: number, pipeline: string, parts: readonly string[]): string =>
  `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
swift_dir = ${folder}
devices = ${folder}/disks
mount_check = false
workers = 0
user = ${process.env.USER ?? 'root'}
log_level = CRITICAL
[pipeline:main]
pipeline = ${pipeline}
${parts.join('\n')}
`
