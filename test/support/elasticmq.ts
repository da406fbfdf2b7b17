import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { openSqsQueue } from '../../src/queue/sqs.ts'
import { freePort } from './front.ts'
import { installPackages, type NeededPackages } from './packages.ts'

/** A server that speaks SQS: ElasticMQ, by Java. */
export interface ElasticMq {
  readonly endpoint: string
  /** Makes a queue, with dead letters where messages go after so many receives, and gives its name. */
  createQueue(options?: {
    readonly visibilitySeconds?: number
    readonly mostReceives?: number
  }): Promise<string>
  stop(): Promise<void>
}

const VERSION = '1.6.11'
const HOME = process.env.IMGSIZES_TEST_SERVERS ?? join(homedir(), '.cache/imgsizes-servers')
const JARS = join(HOME, `elasticmq-${VERSION}`)
const START_LIMIT_MS = 60_000

const has = (program: string): boolean => spawnSync(program, ['-version']).status === 0

const POM = `<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
<packaging>pom</packaging><dependencies><dependency><groupId>org.elasticmq</groupId>
<artifactId>elasticmq-server_2.13</artifactId><version>${VERSION}</version></dependency></dependencies></project>`

/** The jars, fetched by Maven the first time; undefined where there is no Java, or neither jars nor Maven. */
const findJars = (): string | undefined => {
  if (!has('java')) return undefined
  if (existsSync(JARS)) return join(JARS, '*')
  if (!has('mvn')) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-mvn-'))
  try {
    writeFileSync(join(folder, 'pom.xml'), POM)
    const goal = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${JARS}`]
    execFileSync('mvn', goal, { cwd: folder, stdio: 'ignore', timeout: 110_000 })
  } catch {
    rmSync(JARS, { recursive: true, force: true })
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return readdirSync(JARS).length > 0 ? join(JARS, '*') : undefined
}

const JAVA: NeededPackages = {
  what: 'a server that speaks SQS',
  packages: ['default-jre-headless', 'maven'],
  programs: ['java', 'mvn'],
}

/**
 * Starts it, in about four seconds; undefined, and a line that says so, where it cannot be had. With
 * `IMGSIZES_TEST_ELASTICMQ=required`, as in CI, it is installed as other servers are, and to be without it is an error.
 */
export const startElasticMq = async (): Promise<ElasticMq | undefined> => {
  const isRequired = process.env.IMGSIZES_TEST_ELASTICMQ === 'required'
  if (isRequired) await installPackages(JAVA)
  const jars = findJars()
  if (jars === undefined) {
    if (isRequired) throw new Error('elasticmq: its jars could not be fetched by mvn')
    console.error('elasticmq: skipped, for it needs java, and its jars or mvn to fetch them')
    return undefined
  }
  process.env.AWS_ACCESS_KEY_ID ??= 'anybody'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'anything'
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-elasticmq-'))
  const conf = join(folder, 'elasticmq.conf')
  writeFileSync(
    conf,
    `include classpath("application.conf")
node-address { protocol = http, host = 127.0.0.1, port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
`,
  )
  // Compiled no further than it runs: a third of its work was that.
  const java = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const args = [...java, `-Dconfig.file=${conf}`, '-cp', jars, 'org.elasticmq.server.Main']
  const child = spawn('java', args, { cwd: folder, stdio: 'ignore' })
  process.on('exit', () => child.kill('SIGKILL'))
  const endpoint = `http://127.0.0.1:${port}`
  const client = new SQSClient({ endpoint, region: 'us-east-1' })
  const stop = async (): Promise<void> => {
    client.destroy()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  await answers(endpoint, child)
  let queues = 0
  return {
    endpoint,
    stop,
    createQueue: async ({ visibilitySeconds = 30, mostReceives } = {}) => {
      const QueueName = `imgsizes-${++queues}`
      const Attributes: Record<string, string> = { VisibilityTimeout: String(visibilitySeconds) }
      if (mostReceives !== undefined) {
        const dead = await client.send(new CreateQueueCommand({ QueueName: `${QueueName}-dead` }))
        const { Attributes: facts } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }),
        )
        Attributes.RedrivePolicy = JSON.stringify({
          deadLetterTargetArn: facts?.QueueArn,
          maxReceiveCount: mostReceives,
        })
      }
      await client.send(new CreateQueueCommand({ QueueName, Attributes }))
      return QueueName
    },
  }
}

/** A queue of it, as a worker opens one. */
export const openElasticQueue = ({ endpoint }: ElasticMq, name: string) =>
  openSqsQueue({ kind: 'sqs-name', name, endpoint, region: 'us-east-1' })

const answers = async (endpoint: string, child: ChildProcess): Promise<void> => {
  for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; ) {
    if (child.exitCode !== null) throw new Error(`ElasticMQ ended with ${child.exitCode}`)
    if ((await fetch(endpoint).catch(() => undefined)) !== undefined) return
    await sleep(100)
  }
  throw new Error('ElasticMQ did not answer in time')
}
