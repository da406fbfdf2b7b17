/**
 * `npm run test:servers [name…]`: the store's contract and a build from end to end against each S3 server that is
 * installed, one after the other. Fails where a server fails a test that it is not known to fail (`servers.ts`), or
 * passes one that it is.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { OWNER, SERVERS, type ServerKind } from './servers.ts'

interface Outcome {
  readonly passed: number
  /** Names of tests that failed, with their first line of explanation. */
  readonly failed: ReadonlyMap<string, string>
}

interface Report {
  readonly testResults: readonly {
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

const ROOT = resolve(import.meta.dirname, '../..')

const runSuite = async (env: Readonly<Record<string, string>>): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-servers-'))
  const file = join(folder, 'report.json')
  const args = ['run', '--config', 'test/servers/vitest.config.ts', '--reporter=json', `--outputFile=${file}`]
  const child = spawn(join(ROOT, 'node_modules/.bin/vitest'), args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env, NODE_NO_WARNINGS: '1' },
  })
  await new Promise((ended) => child.once('exit', ended))
  try {
    return toOutcome(JSON.parse(readFileSync(file, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const toOutcome = ({ testResults }: Report): Outcome => {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = new Map<string, string>()
  for (const { fullName, status, failureMessages = [] } of tests)
    if (status === 'failed') failed.set(fullName, (failureMessages[0] ?? '').split('\n')[0] ?? '')
  for (const { message, assertionResults } of testResults)
    if (assertionResults.length === 0) failed.set('the suite', message ?? 'it ran no test')
  return { passed: tests.filter(({ status }) => status === 'passed').length, failed }
}

/** Lines about what is not as it is known to be. */
const compare = ({ fails }: ServerKind, { failed }: Outcome): readonly string[] => {
  const known = Object.keys(fails)
  const news = [...failed].filter(([name]) => !known.some((each) => name.endsWith(each)))
  const mended = known.filter((each) => ![...failed.keys()].some((name) => name.endsWith(each)))
  return [
    ...news.map(([name, why]) => `  fails: ${name}\n    ${why}`),
    ...mended.map((name) => `  passes by now: ${name}`),
  ]
}

const tryServer = async (kind: ServerKind): Promise<boolean> => {
  const server = await kind.start()
  if (server === undefined) {
    console.log(`skipped ${kind.name}: not installed (${kind.install})`)
    return true
  }
  const { owner = OWNER } = server
  try {
    const outcome = await runSuite({
      IMGSIZES_TEST_SERVER: kind.name,
      IMGSIZES_TEST_SERVER_FOLDER: server.folder ?? '',
      IMGSIZES_TEST_S3_ENDPOINT: server.endpoint,
      AWS_ACCESS_KEY_ID: owner.accessKeyId,
      AWS_SECRET_ACCESS_KEY: owner.secretAccessKey,
    })
    const surprises = compare(kind, outcome)
    console.log(`${kind.name}: ${outcome.passed} passed, ${outcome.failed.size} failed`)
    for (const [name, why] of Object.entries(kind.fails)) console.log(`  known: ${name}: ${why}`)
    for (const line of surprises) console.log(line)
    return surprises.length === 0
  } finally {
    await server.stop()
  }
}

const names = process.argv.slice(2)
let isFine = true
for (const kind of SERVERS) {
  if (names.length > 0 && !names.includes(kind.name)) continue
  const asKnown = await tryServer(kind).catch((error: unknown) => {
    console.log(`${kind.name}: did not start: ${error}`)
    return false
  })
  isFine &&= asKnown
}
process.exitCode = isFine ? 0 : 1
