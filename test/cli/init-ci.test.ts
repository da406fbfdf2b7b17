import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BIN, listOutput, makeFolder, makeProject, run, writePicture, writeText } from './support.ts'

/** The jobs that `init --ci` writes: read as what they are, and their commands run. */

interface Step {
  readonly run?: string
}
interface Job {
  readonly if?: string
  readonly steps?: readonly Step[]
  readonly script?: readonly string[]
}

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

describe('init --ci', () => {
  test('github: a job for each push and one by the clock, whose commands build', async () => {
    const cwd = await makeProject(['a.jpg'])
    const { code, stdout } = await run(['init', '--ci', 'github'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('IMGSIZES_SECRET')
    const workflow = readYaml(await readFile(join(cwd, '.github/workflows/imgsizes.yml'), 'utf8'))
    expect(workflow).toMatchObject({ on: { push: {}, schedule: [{ cron: '17 3 * * *' }] } })
    expect(workflow.env).toMatchObject({ IMGSIZES_SECRET: '$' + '{{ secrets.IMGSIZES_SECRET }}' })
    const { build, nightly } = workflow.jobs as Record<string, Job>
    const commandsOf = (job: Job | undefined) => (job?.steps ?? []).flatMap((step) => step.run ?? [])
    expect(commandsOf(build)).toContain('npx imgsizes build --changed changed-urls.txt')
    expect(commandsOf(nightly)).toContain('npx imgsizes prune')
    expect(JSON.stringify(workflow)).not.toContain('actions/cache')
    for (const command of [...commandsOf(build), ...commandsOf(nightly)]) {
      const { status, stderr } = await runCommand(cwd, command)
      expect([command, status, stderr.includes('error')]).toEqual([command, 0, false])
    }
    expect(await listOutput(cwd)).toHaveLength(4)
  })

  test('gitlab: the same, with credentials where there is a bucket', async () => {
    const cwd = await makeProject([], { output: 's3://some-bucket/out' })
    const { stdout } = await run(['init', '--ci', 'gitlab'], { cwd })
    expect(stdout).toMatch(/AWS_ACCESS_KEY_ID/)
    const pipeline = readYaml(await readFile(join(cwd, '.gitlab/imgsizes.yml'), 'utf8')) as Record<
      string,
      Job
    >
    expect(pipeline['imgsizes-build']?.script).toEqual(['npx imgsizes build --changed changed-urls.txt'])
    expect(pipeline['imgsizes-nightly']?.script).toContain('npx imgsizes prune')
    expect(pipeline).not.toHaveProperty(['.imgsizes', 'cache'])
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
