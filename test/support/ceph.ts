import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { installPackages } from './packages.ts'

/** Someone known to an S3 server. */
export interface S3User {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A running S3 server: Ceph's gateway over one object daemon that keeps everything in memory. */
export interface CephServer {
  readonly endpoint: string
  readonly owner: S3User
  /** A second user, who may touch nothing of the first one's. */
  readonly stranger: S3User
  stop(): Promise<void>
}

const CEPH = {
  what: 'an S3 server',
  packages: ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'],
  programs: ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'setpriv'],
  otherwise:
    'or point IMGSIZES_TEST_S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to another one.',
} as const
const START_LIMIT_MS = 60_000
const FOLDER_PREFIX = 'imgsizes-ceph-'

/** Starts a server, in about a second; as root or not. Installs Debian's packages first where it may. */
export const startCeph = async (): Promise<CephServer> => {
  await installPackages(CEPH)
  removeAbandoned()
  try {
    return await startOnce()
  } catch (error) {
    // Ports are picked, then released for the daemons: another process may have taken one in between.
    console.error(`ceph: ${error instanceof Error ? error.message : error}; trying once more`)
    return startOnce()
  }
}

const run = promisify(execFile)

/** Folders of runs that were killed; their daemons died with them. */
const removeAbandoned = (): void => {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(FOLDER_PREFIX) ? Number(name.slice(FOLDER_PREFIX.length).split('-')[0]) : 0
    if (pid > 0 && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

interface Layout {
  readonly folder: string
  readonly conf: string
  readonly keyring: string
  readonly fsid: string
  readonly gatewayPort: number
  readonly monitorPorts: readonly [number, number]
}

const startOnce = async (): Promise<CephServer> => {
  const layout = await layOut()
  const daemons: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map(kill))
    rmSync(layout.folder, { recursive: true, force: true })
  }
  try {
    const users = await bootCluster(layout, daemons)
    const endpoint = `http://127.0.0.1:${layout.gatewayPort}`
    daemons.push(startDaemon(layout, 'radosgw', '-n', 'client.admin'))
    await waitFor(endpoint, daemons)
    return { endpoint, ...users, stop }
  } catch (error) {
    const log = readFileSync(join(layout.folder, 'log', 'daemons.txt'), 'utf8').slice(-2000)
    await stop()
    throw new Error(`Ceph did not start: ${error instanceof Error ? error.message : error}\n${log}`)
  }
}

const layOut = async (): Promise<Layout> => {
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`))
  for (const name of ['mon', 'osd', 'run', 'log', 'rgw']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'log', 'daemons.txt'), '')
  const [gatewayPort, second, first] = await freePorts()
  const layout: Layout = {
    folder,
    conf: join(folder, 'ceph.conf'),
    keyring: join(folder, 'keyring'),
    fsid: randomUUID(),
    gatewayPort,
    monitorPorts: [second, first],
  }
  writeFileSync(layout.conf, configOf(layout))
  return layout
}

/** Three ports that were free a moment ago; all held until all are known. */
const freePorts = async (): Promise<[number, number, number]> => {
  const listen = async () => {
    const server = createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { port, close: () => new Promise((resolve) => server.close(resolve)) }
  }
  const [a, b, c] = await Promise.all([listen(), listen(), listen()])
  await Promise.all([a.close(), b.close(), c.close()])
  return [a.port, b.port, c.port]
}

/** One monitor, one object daemon in memory, one gateway; no manager, no replicas, nothing outside `folder`. */
const configOf = ({ folder, keyring, fsid, gatewayPort, monitorPorts: [v2, v1] }: Layout): string => `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${v2}/0,v1:127.0.0.1:${v1}/0]
mon_initial_members = a
keyring = ${keyring}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
mon_data = ${folder}/mon
osd_data = ${folder}/osd
run_dir = ${folder}/run
crash_dir = ${folder}/log
admin_socket =
log_file = ${folder}/log/$name.log
log_to_stderr = false
err_to_stderr = false
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_crit = 1
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_client_hunt_interval = 0.2
mon_client_hunt_interval_backoff = 1.0
mon_client_ping_interval = 1
[client]
rgw_data = ${folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${gatewayPort} tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_run_sync_thread = false
rgw_dynamic_resharding = false
`

const bootCluster = async (
  layout: Layout,
  daemons: ChildProcess[],
): Promise<{ owner: S3User; stranger: S3User }> => {
  const { folder, conf, keyring, fsid, monitorPorts } = layout
  const ceph = (program: string, ...args: string[]) =>
    run(program, args, { env: { ...process.env, CEPH_CONF: conf }, timeout: START_LIMIT_MS })
  const makeKey = (name: string, ...caps: string[]) =>
    ceph(
      'ceph-authtool',
      keyring,
      '--gen-key',
      '-n',
      name,
      ...caps.flatMap((cap) => ['--cap', ...cap.split(':')]),
    )

  const monmap = join(folder, 'monmap')
  const monitor = `[v2:127.0.0.1:${monitorPorts[0]},v1:127.0.0.1:${monitorPorts[1]}]`
  await ceph('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', monitor, monmap)
  writeFileSync(keyring, '', { mode: 0o600 })
  await makeKey('mon.', 'mon:allow *')
  await makeKey('client.admin', 'mon:allow *', 'osd:allow *', 'mgr:allow *')
  await makeKey('osd.0', 'mon:allow profile osd', 'osd:allow *')
  await ceph('ceph-mon', '-i', 'a', '--mkfs', '--monmap', monmap, '--keyring', keyring, '-c', conf)
  daemons.push(startDaemon(layout, 'ceph-mon', '-i', 'a'))
  const osd = randomUUID()
  await ceph('ceph', 'osd', 'new', osd)
  await ceph('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd, '-c', conf)
  daemons.push(startDaemon(layout, 'ceph-osd', '-i', '0'))

  const makeUser = async (name: string): Promise<S3User> => {
    const user = { accessKeyId: name, secretAccessKey: `${name}-secret` }
    const keys = [`--access-key=${user.accessKeyId}`, `--secret=${user.secretAccessKey}`]
    await ceph(
      'radosgw-admin',
      'user',
      'create',
      `--uid=${name}`,
      `--display-name=${name}`,
      ...keys,
      '-c',
      conf,
    )
    return user
  }
  // One after the other: the first one makes the pools.
  const owner = await makeUser('owner')
  return { owner, stranger: await makeUser('stranger') }
}

/** `setpriv` has the kernel kill the daemon when this process dies, however it dies. */
const startDaemon = ({ conf, folder }: Layout, program: string, ...args: string[]): ChildProcess => {
  const command = ['--pdeathsig', 'KILL', program, ...args, '-f', '-c', conf]
  const child = spawn('setpriv', command, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CEPH_CONF: conf },
  })
  child.stderr?.on('data', (chunk) => {
    if (existsSync(folder)) writeFileSync(join(folder, 'log', 'daemons.txt'), chunk, { flag: 'a' })
  })
  // A daemon that cannot be started at all shows as one that ended.
  child.on('error', () => {})
  return child
}

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined

const kill = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const waitFor = async (endpoint: string, daemons: readonly ChildProcess[]): Promise<void> => {
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline) {
    if (daemons.some(hasEnded)) throw new Error('a daemon ended')
    const answer = await fetch(endpoint).catch(() => undefined)
    if (answer !== undefined) return
    await sleep(20)
  }
  throw new Error(`no answer from ${endpoint} within ${START_LIMIT_MS} ms`)
}
