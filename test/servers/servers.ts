import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type S3User, startCeph } from '../support/ceph.ts'
import { freePort, startNginx } from '../support/front.ts'
import { startSwift } from './swift.ts'

/** A server that runs, for a suite to be run against. */
export interface RunningServer {
  readonly endpoint: string
  /** Where its buckets lie as plain folders, that others may write to beside it. */
  readonly folder?: string
  /** Whose name and key it knows; {@link OWNER} where absent. */
  readonly owner?: S3User
  stop(): Promise<void>
}

/** An S3 server that people run by themselves. */
export interface ServerKind {
  readonly name: string
  /** How it comes onto this machine. */
  readonly install: string
  /** Starts it; undefined where it is not installed. */
  start(): Promise<RunningServer | undefined>
  /** Whether a key can stand beside others that lie "below" it. */
  readonly isFlat: boolean
  /** Whether it shows ETags. */
  readonly hasMarks: boolean
  /** Tests of the suite that it is known to fail, by the end of their names: what it does. */
  readonly fails: Readonly<Record<string, string>>
}

/** Everybody's name and key. */
export const OWNER: S3User = { accessKeyId: 'owner', secretAccessKey: 'owner-secret' }

/** Where programs and jars are looked for before `PATH`. */
const HOME = process.env.IMGSIZES_TEST_SERVERS ?? join(homedir(), '.cache/imgsizes-servers')

const findProgram = (name: string): string | undefined =>
  [HOME, join(HOME, 'bin'), ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

const findJar = (pattern: RegExp): string | undefined => {
  if (findProgram('java') === undefined || !existsSync(HOME)) return undefined
  const name = readdirSync(HOME).find((each) => pattern.test(each))
  return name && join(HOME, name)
}

const START_LIMIT_MS = 90_000

interface Command {
  readonly program: string | undefined
  readonly args: (port: number, folder: string) => readonly string[]
  readonly env?: (port: number) => Readonly<Record<string, string>>
  readonly buckets?: string
}

const startProgram = async ({ program, args, env, buckets }: Command): Promise<RunningServer | undefined> => {
  if (program === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-server-'))
  mkdirSync(join(folder, 'buckets'))
  const port = await freePort()
  const child = spawn(program, args(port, folder), {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, ...env?.(port) },
  })
  const stop = async (): Promise<void> => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const endpoint = `http://127.0.0.1:${port}`
  try {
    await answers(endpoint, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { endpoint, stop, ...(buckets !== undefined && { folder: join(folder, buckets) }) }
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const answers = async (endpoint: string, child: ChildProcess): Promise<void> => {
  for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; ) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    if ((await fetch(endpoint).catch(() => undefined)) !== undefined) return
    await sleep(100)
  }
  throw new Error(`no answer from ${endpoint} within ${START_LIMIT_MS} ms`)
}

/** As it comes, but for the size of a body: a proxy that passes requests on as they are written. */
const startNginxBefore = async (server: RunningServer): Promise<RunningServer> => {
  const port = await freePort()
  const nginx = await startNginx(
    `client_max_body_size 0; server { listen 127.0.0.1:${port}; location / {
      proxy_pass ${server.endpoint}; proxy_set_header Host $http_host; } }`,
    port,
  )
  const stop = async (): Promise<void> => {
    await nginx.stop()
    await server.stop()
  }
  return { ...server, endpoint: nginx.url, stop }
}

const RCLONE = 'go install github.com/rclone/rclone@latest'

const RCLONE_FAILS = {
  'readers of a key being replaced see whole objects alone': 'for a moment a key is missing that is replaced',
  'deleting takes the keys named and no other; missing ones count as deleted':
    'a name that is a folder there is refused, not passed over',
}

const startRclone = (remote: string, flags: readonly string[], buckets?: string) =>
  startProgram({
    program: findProgram('rclone'),
    args: (port) => [
      'serve',
      's3',
      remote,
      '--addr',
      `127.0.0.1:${port}`,
      '--auth-key',
      `${OWNER.accessKeyId},${OWNER.secretAccessKey}`,
      // What others put beside it is seen at once, and not after minutes.
      '--dir-cache-time',
      '1ms',
      ...flags,
    ],
    ...(buckets !== undefined && { buckets }),
  })

const NO_CACHE_CONTROL = 'Cache-Control is not kept'

const LOCALSTACK =
  "with Python 3.13, pip install 'localstack-core[base-runtime]' 'cbor2<5.9' 'pyopenssl<25' 'cryptography<45' 'service_identity<24.3' into a venv there named localstack"

/** All its parts in one process, at ports that were free. */
const startSeaweed = async (): Promise<RunningServer | undefined> => {
  const ports = await Promise.all([freePort(), freePort(), freePort()])
  const [master, volume, filer] = ports
  return startProgram({
    program: findProgram('weed'),
    args: (port, folder) => {
      const credentials = [{ accessKey: OWNER.accessKeyId, secretKey: OWNER.secretAccessKey }]
      const identities = [
        { name: 'owner', credentials, actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'] },
      ]
      writeFileSync(join(folder, 's3.json'), JSON.stringify({ identities }))
      const at = [
        `-s3.port=${port}`,
        `-master.port=${master}`,
        `-volume.port=${volume}`,
        `-filer.port=${filer}`,
      ]
      return [
        'server',
        '-dir=buckets',
        '-ip=127.0.0.1',
        '-s3',
        '-s3.config=s3.json',
        '-master.volumeSizeLimitMB=64',
        '-volume.max=100',
        ...at,
      ]
    },
  })
}

export const SERVERS: readonly ServerKind[] = [
  {
    name: 'ceph',
    install: 'apt-get install radosgw ceph-mon ceph-osd ceph-common',
    start: startCeph,
    isFlat: true,
    hasMarks: true,
    fails: {},
  },
  {
    name: 'nginx before ceph',
    install: 'apt-get install nginx radosgw ceph-mon ceph-osd ceph-common',
    start: async () => startNginxBefore(await startCeph()),
    isFlat: true,
    hasMarks: true,
    fails: {},
  },
  {
    name: 'swift',
    install: 'apt-get install swift-proxy swift-account swift-container swift-object',
    start: startSwift,
    isFlat: true,
    hasMarks: true,
    fails: {
      'over several pages, by any prefix, and deleted in batches': 'two minutes do not suffice',
      'exactly one wins, and is left alone later': 'there are no conditional writes',
      'takes the place of the object that was seen, and of no other': 'the same',
      'a place that does not exist is an error, never emptiness': 'it is, to a deletion',
    },
  },
  {
    name: 'versitygw',
    install: 'go install github.com/versity/versitygw/cmd/versitygw@latest',
    start: () =>
      startProgram({
        program: findProgram('versitygw'),
        args: (port) => [
          '--access',
          OWNER.accessKeyId,
          '--secret',
          OWNER.secretAccessKey,
          '--port',
          `127.0.0.1:${port}`,
          'posix',
          'buckets',
        ],
        buckets: 'buckets',
      }),
    isFlat: false,
    hasMarks: true,
    fails: {},
  },
  {
    name: 'rclone',
    install: RCLONE,
    start: () => startRclone('buckets', [], 'buckets'),
    isFlat: false,
    hasMarks: true,
    fails: RCLONE_FAILS,
  },
  {
    name: 'rclone without ETags',
    install: RCLONE,
    start: () => startRclone('buckets', ['--etag-hash', ''], 'buckets'),
    isFlat: false,
    hasMarks: false,
    fails: RCLONE_FAILS,
  },
  {
    name: 'rclone over crypt',
    install: RCLONE,
    start: () => startRclone(':crypt,remote=buckets,password=pP1f26WJNp3_UYFELbMZu7AslLuslrLAen2f9OY:', []),
    isFlat: false,
    hasMarks: false,
    fails: {
      ...RCLONE_FAILS,
      'under one mark': 'an upload is answered with an ETag, and nothing shows one after that',
      'odd keys are kept to the byte':
        'names are longer where they are encrypted: one of 255 bytes has no room',
      'over several pages, by any prefix, and deleted in batches': 'two minutes do not suffice',
    },
  },
  {
    name: 'moto',
    install: "pip install 'moto[server,s3]'",
    start: () =>
      startProgram({
        program: findProgram('moto_server'),
        args: (port) => ['-H', '127.0.0.1', '-p', `${port}`],
      }),
    isFlat: true,
    hasMarks: true,
    fails: {},
  },
  {
    name: 'minio',
    install: 'go install github.com/minio/minio@latest',
    start: () =>
      startProgram({
        program: findProgram('minio'),
        args: (port) => [
          'server',
          'buckets',
          '--address',
          `127.0.0.1:${port}`,
          '--console-address',
          '127.0.0.1:0',
        ],
        env: () => ({ MINIO_ROOT_USER: OWNER.accessKeyId, MINIO_ROOT_PASSWORD: OWNER.secretAccessKey }),
      }),
    isFlat: false,
    hasMarks: true,
    fails: {},
  },
  {
    name: 'ministack',
    install: 'pip install ministack',
    start: () =>
      startProgram({
        program: findProgram('ministack'),
        args: () => [],
        env: (port) => ({ BIND_HOST: '127.0.0.1', GATEWAY_PORT: `${port}` }),
      }),
    isFlat: true,
    hasMarks: true,
    fails: {},
  },
  {
    name: 'gofakes3',
    install: 'go install github.com/johannesboyne/gofakes3/cmd/gofakes3@latest',
    start: () =>
      startProgram({
        program: findProgram('gofakes3'),
        args: (port) => ['-host', `127.0.0.1:${port}`, '-backend', 'memory'],
      }),
    isFlat: true,
    hasMarks: true,
    fails: {
      'headers and metadata come back': NO_CACHE_CONTROL,
      'a copy has the bytes of the first and headers of its own': NO_CACHE_CONTROL,
      'an object copied onto itself has other headers and the same bytes': NO_CACHE_CONTROL,
      'what was replaced since it was looked at is not copied, nor given headers': NO_CACHE_CONTROL,
    },
  },
  {
    name: 'localstack',
    install: LOCALSTACK,
    start: () =>
      startProgram({
        program: findProgram('localstack/bin/python'),
        args: () => ['-m', 'localstack.runtime.main'],
        env: (port) => ({
          GATEWAY_LISTEN: `127.0.0.1:${port}`,
          SERVICES: 's3',
          EAGER_SERVICE_LOADING: '1',
          DISABLE_EVENTS: '1',
          DNS_ADDRESS: '0',
          SKIP_SSL_CERT_DOWNLOAD: '1',
          LOCALSTACK_VOLUME_DIR: join(tmpdir(), 'imgsizes-localstack'),
        }),
      }),
    isFlat: true,
    hasMarks: true,
    fails: {
      'any keys come back in byte order': 'it compares encoded names with `start-after`',
      'over several pages, by any prefix, and deleted in batches':
        'its tokens of names beyond ASCII end in 500',
    },
  },
  {
    name: 'seaweedfs',
    install: 'go build ./weed in the module github.com/seaweedfs/seaweedfs',
    start: startSeaweed,
    isFlat: false,
    hasMarks: true,
    fails: {
      'odd keys are kept to the byte': 'a backslash becomes a slash',
      'a place that does not exist is an error, never emptiness': 'a write makes it',
    },
  },
  {
    name: 's3mock',
    install: 'mvn dependency:copy -Dartifact=com.adobe.testing:s3mock:4.11.0:jar:exec -DoutputDirectory=…',
    start: async () => {
      const jar = findJar(/^s3mock-.*exec\.jar$/)
      return startProgram({
        program: jar && findProgram('java'),
        args: (port) => ['-jar', `${jar}`, '--server.port=0', `--com.adobe.testing.s3mock.httpPort=${port}`],
      })
    },
    isFlat: true,
    hasMarks: true,
    fails: {
      'odd keys are kept to the byte': 'a backslash is refused',
      'astral after U+FFxx': 'keys are listed in UTF-16 order',
      'exactly one wins, and is left alone later': 'of eight who create a key at once more than one may win',
      'a copy has the bytes of the first and headers of its own':
        'a copy keeps the Content-Type of the first',
      'an object copied onto itself has other headers and the same bytes': 'and so it does onto itself',
    },
  },
  {
    name: 's3proxy',
    install:
      'mvn dependency:copy -Dartifact=org.gaul:s3proxy:2.7.0:jar:jar-with-dependencies -DoutputDirectory=…',
    start: async () => {
      const jar = findJar(/^s3proxy-.*\.jar$/)
      return startProgram({
        program: jar && findProgram('java'),
        args: (port, folder) => {
          writeFileSync(join(folder, 's3proxy.conf'), s3proxyConf(port, folder))
          return ['-jar', `${jar}`, '--properties', 's3proxy.conf']
        },
      })
    },
    isFlat: false,
    hasMarks: true,
    fails: {
      'a key that is not there is undefined to every reader': 'a key below an object is answered with 500',
      'odd keys are kept to the byte': 'a segment of more than 255 bytes is answered with 500',
      'astral after U+FFxx': 'keys are listed in UTF-16 order',
      'any keys come back in byte order': 'the same',
      'over several pages, by any prefix, and deleted in batches':
        'its continuation tokens lead nowhere, and the last key in their place is refused',
      'readers of a key being replaced see whole objects alone':
        'lengths of one and bytes of the other are mixed',
      'exactly one wins, and is left alone later': 'there are no conditional writes',
      'deleting takes the keys named and no other; missing ones count as deleted':
        'a name that is a folder there is refused, not passed over',
      'a place that does not exist is an error, never emptiness': 'it is, to a deletion',
    },
  },
]

const s3proxyConf = (port: number, folder: string): string => `s3proxy.authorization=aws-v2-or-v4
s3proxy.endpoint=http://127.0.0.1:${port}
s3proxy.identity=${OWNER.accessKeyId}
s3proxy.credential=${OWNER.secretAccessKey}
jclouds.provider=filesystem-nio2
jclouds.identity=none
jclouds.credential=none
jclouds.filesystem.basedir=${join(folder, 'buckets')}
`
