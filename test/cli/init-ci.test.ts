import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, rename } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { listOutput, makeFolder, makeProject, run, writePicture, writeText } from './support.ts'

/** The jobs that `init --ci` writes: read as what they are, and their commands run. */

interface Step {
  readonly run?: string
  readonly uses?: string
  readonly with?: unknown
}
interface Job {
  readonly if?: string
  readonly steps?: readonly Step[]
  readonly script?: readonly string[]
}

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const readYaml = (text: string): Record<string, unknown> =>
  createRequire(import.meta.url)('js-yaml').load(text) as Record<string, unknown>

/** Runs a command of a job as its machine would, npx and npm being ours. */
const runCommand = async (cwd: string, command: string) => {
  const bin = join(cwd, '.bin')
  await mkdir(bin, { recursive: true })
  await writeText(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${BIN}" "$@"\n`)
  await writeText(join(bin, 'npm'), '#!/bin/sh\n[ "$1" = ci ]\n')
  for (const name of ['npx', 'npm']) await chmod(join(bin, name), 0o755)
  const { PATH = '' } = process.env
  return spawnSync('sh', ['-e', '-c', command], { cwd, encoding: 'utf8', env: { PATH: `${bin}:${PATH}` } })
}

test.each([
  ['package.json', 'npm install'],
  [undefined, `npm install --no-save imgsizes@${version}`],
])('a job of a site without a lock file installs all the same (%s)', async (file, command) => {
  const root = makeFolder()
  await mkdir(join(root, '.git'))
  if (file !== undefined) await writeText(join(root, file), '{}')
  const cwd = join(root, 'site')
  await writePicture(join(cwd, 'photos/a.jpg'))
  expect((await run(['init', '--ci', 'gitlab'], { cwd })).code).toBe(0)
  expect(readYaml(await readFile(join(cwd, '.gitlab/imgsizes.yml'), 'utf8'))).toMatchObject({
    '.imgsizes': { before_script: [command] },
  })
})

test.each([
  ['package-lock.json', ['npm ci', 'npx imgsizes'], 'npm install --save-dev'],
  ['pnpm-lock.yaml', ['corepack enable', 'pnpm install', 'pnpm exec imgsizes'], 'pnpm add --save-dev'],
  ['yarn.lock', ['corepack enable', 'yarn install', 'yarn imgsizes'], 'yarn add --dev'],
  ['bun.lock', ['npm install --global bun', 'bun install', 'npx imgsizes'], 'bun add --dev'],
])('jobs install and run by what wrote %s, in a workspace too', async (lock, commands, add) => {
  const root = makeFolder()
  await mkdir(join(root, '.git'))
  await writeText(join(root, lock), '')
  const cwd = join(root, 'packages/web')
  await writePicture(join(cwd, 'photos/a.jpg'))
  await writeText(join(cwd, 'package.json'), '{}')
  const { stdout } = await run(['init', '--ci', 'github'], { cwd })
  expect(stdout).toContain(`  ${add} imgsizes `)
  expect(stdout).toContain('wrote ../../.github/workflows/imgsizes.yml')
  const workflow = readYaml(await readFile(join(root, '.github/workflows/imgsizes.yml'), 'utf8'))
  expect(workflow.defaults).toEqual({ run: { 'working-directory': 'packages/web' } })
  expect(JSON.stringify(workflow.jobs)).toContain('packages/web/public/img\\npackages/web/.imgsizes')
  for (const [ci, file] of [
    ['', '../../.github/workflows/imgsizes.yml'],
    ['gitlab', '.gitlab/imgsizes.yml'],
  ] as const) {
    if (ci !== '') expect((await run(['init', '--ci', ci], { cwd })).code).toBe(0)
    const text = await readFile(join(cwd, file), 'utf8')
    const said = [
      ...text.matchAll(/^ +- (?:run: )?((?:npm|npx|yarn|pnpm|bun|corepack) .*?)(?: (?:build|prune) .*)?$/gm),
    ]
    expect([...new Set(said.map(([, command]) => command?.replace(/ prune$/, '')))], file).toEqual(commands)
  }
})

describe('init --ci', () => {
  const commandsOf = (job: Job | undefined) => (job?.steps ?? []).flatMap((step) => step.run ?? [])

  test('github, a folder: one job for each push, which keeps the results in the cache, and whose commands build', async () => {
    const cwd = await makeProject(['a.jpg'], { state: './known' })
    await writeText(join(cwd, 'package-lock.json'), '{}')
    // A comment that names a bucket makes none.
    await rename(join(cwd, 'imgsizes.config.json'), join(cwd, 'given.json'))
    await writeText(
      join(cwd, 'imgsizes.config.mjs'),
      `// or s3://bucket/prefix\nimport { readFileSync } from 'node:fs'\nexport default JSON.parse(readFileSync(${JSON.stringify(join(cwd, 'given.json'))}, 'utf8'))\n`,
    )
    const { code, stdout } = await run(['init', '--ci', 'github'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('gh secret set IMGSIZES_SECRET')
    expect(stdout).not.toContain('AWS')
    const text = await readFile(join(cwd, '.github/workflows/imgsizes.yml'), 'utf8')
    const workflow = readYaml(text)
    expect(workflow.on).toEqual({ push: { branches: ['main'] }, workflow_dispatch: null })
    const jobs = workflow.jobs as Record<string, Job>
    expect(Object.keys(jobs)).toEqual(['build'])
    const [restore, save] = (jobs.build?.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/cache/'))
    const key = '$' + '{{ github.run_id }}-$' + '{{ github.run_attempt }}'
    expect(restore?.with).toEqual({
      path: 'out\nknown\n',
      key: `imgsizes-${key}`,
      'restore-keys': 'imgsizes-',
    })
    expect(save).toMatchObject({ if: 'always()', with: { path: 'out\nknown\n', key: `imgsizes-${key}` } })
    expect(text).not.toMatch(/Nothing is cached|AWS_/)
    expect(commandsOf(jobs.build)).toEqual([
      'npm ci',
      'npx imgsizes build --changed changed-urls.txt',
      'npx imgsizes prune',
    ])
    for (const command of commandsOf(jobs.build)) {
      const { status, stderr } = await runCommand(cwd, command)
      expect([command, status, stderr.includes('error')]).toEqual([command, 0, false])
    }
    expect(await listOutput(cwd)).toHaveLength(4)
  })

  test('github, a bucket: a job for each push and one by the clock, with credentials and region', async () => {
    const cwd = await makeProject(['a.jpg'], { output: 's3://some-bucket/out' })
    const { code, stdout } = await run(['init', '--ci', 'github'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('gh variable set AWS_REGION')
    const workflow = readYaml(await readFile(join(cwd, '.github/workflows/imgsizes.yml'), 'utf8'))
    expect(workflow).toMatchObject({ on: { push: {}, schedule: [{ cron: '17 3 * * *' }] } })
    expect(workflow.env).toMatchObject({
      IMGSIZES_SECRET: '$' + '{{ secrets.IMGSIZES_SECRET }}',
      AWS_ACCESS_KEY_ID: '$' + '{{ secrets.AWS_ACCESS_KEY_ID }}',
      AWS_REGION: '$' + '{{ vars.AWS_REGION }}',
    })
    const { build, nightly } = workflow.jobs as Record<string, Job>
    expect(commandsOf(build)).toContain('npx imgsizes build --changed changed-urls.txt')
    expect(commandsOf(nightly)).toContain('npx imgsizes prune')
    expect(JSON.stringify(workflow)).not.toContain('actions/cache')
  })

  test('gitlab, a folder: the results are in the cache, and handed on without what is private', async () => {
    const cwd = await makeProject(['a.jpg'])
    const { stdout } = await run(['init', '--ci', 'gitlab'], { cwd })
    expect(stdout).not.toMatch(/AWS|schedule/)
    const pipeline = readYaml(await readFile(join(cwd, '.gitlab/imgsizes.yml'), 'utf8')) as Record<
      string,
      Job
    >
    expect(Object.keys(pipeline)).toEqual(['.imgsizes', 'imgsizes-build'])
    const build = pipeline['imgsizes-build']
    expect(build).toMatchObject({
      cache: { key: 'imgsizes', when: 'always', paths: ['out/'] },
      artifacts: { paths: ['out/'], exclude: ['out/.imgsizes/**/*'] },
    })
    for (const command of build?.script ?? []) {
      const { status, stderr } = await runCommand(cwd, command)
      expect([command, status, stderr.includes('error')]).toEqual([command, 0, false])
    }
    expect(await listOutput(cwd)).toHaveLength(4)
  })

  test('gitlab, a bucket: two jobs, with credentials and region, and no cache', async () => {
    const cwd = await makeProject([], { output: 's3://some-bucket/out' })
    const { stdout } = await run(['init', '--ci', 'gitlab'], { cwd })
    expect(stdout).toMatch(/AWS_ACCESS_KEY_ID, masked[\s\S]*AWS_REGION[\s\S]*once a day/)
    const pipeline = readYaml(await readFile(join(cwd, '.gitlab/imgsizes.yml'), 'utf8')) as Record<
      string,
      Job
    >
    expect(pipeline['imgsizes-build']?.script).toEqual(['npx imgsizes build --changed changed-urls.txt'])
    expect(pipeline['imgsizes-nightly']?.script).toContain('npx imgsizes prune')
    expect(JSON.stringify(pipeline)).not.toContain('"cache"')
  })

  test('cron: lines that cron takes, in a folder of any name', async () => {
    const cwd = join(await makeFolder(), "it's 100% odd")
    await writePicture(join(cwd, 'photos/a.jpg'))
    const { code, stderr } = await run(['init', '--ci', 'cron'], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    const text = await readFile(join(cwd, 'imgsizes.cron'), 'utf8')
    const lines = text.split('\n').filter((line) => /^[*0-9]/.test(line))
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      const command = line.split(' ').slice(5).join(' ')
      expect(command).not.toMatch(/(?<!\\)%/)
      const { status, stderr: told } = await runCommand(cwd, command.replaceAll('\\%', '%'))
      expect([line, status, told]).toEqual([line, 0, ''])
    }
  })

  test('never overwrites: neither a job nor a configuration', async () => {
    const cwd = await makeProject(['a.jpg'])
    const config = await readFile(join(cwd, 'imgsizes.config.json'), 'utf8')
    await writeText(join(cwd, '.github/workflows/imgsizes.yml'), 'mine')
    const { code, stderr } = await run(['init', '--ci', 'github'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('was left as it is')])
    expect(await readFile(join(cwd, '.github/workflows/imgsizes.yml'), 'utf8')).toBe('mine')
    expect(await readFile(join(cwd, 'imgsizes.config.json'), 'utf8')).toBe(config)

    const fresh = await makeFolder()
    await writeText(join(fresh, 'imgsizes.cron'), 'mine')
    expect((await run(['init', '--ci', 'cron'], { cwd: fresh })).code).toBe(1)
    await expect(readFile(join(fresh, 'imgsizes.config.ts'))).rejects.toThrow('ENOENT')
  })

  test('is told what is known', async () => {
    const { code, stderr } = await run(['init', '--ci', 'jenkins'], { cwd: await makeFolder() })
    expect([code, stderr]).toEqual([2, expect.stringContaining('github, gitlab, cron')])
  })
})
