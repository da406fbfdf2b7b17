import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { exitCodeOf, formatError } from '../../src/cli/errors.ts'
import { BIN } from '../support/command-line.ts'
import { CONFIG, makeFolder, makeProject, run, SILENT, writeText } from './support.ts'

const ESCAPE = '\u001b['

test('help explains a command as --help does, and all of them without one', async () => {
  const cwd = await makeFolder()
  const [asked, meant] = await Promise.all([
    run(['help', 'build'], { cwd }),
    run(['build', '--help'], { cwd }),
  ])
  expect(asked).toEqual(meant)
  expect(asked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^imgsizes build\n/) })
  expect((await run(['help'], { cwd })).stdout).toMatch(/^imgsizes <command>\n/)
})

describe('wrong usage is told with exit code 2, on stderr alone', () => {
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [[], /Which command\?[\s\S]*init[\s\S]*build/],
    [['biuld'], /There is no command "biuld"; did you mean build\?\n/],
    [['foo'], /There is no command "foo"; there are: init, .*completion\n/],
    [['--config', 'x', 'bulid', '--jsn'], /There is no command "bulid"; did you mean build\?\n/],
    [['--verison'], /Unknown argument: --verison; did you mean --version\?\n/],
    [['--quite', '--json'], /Unknown argument: --quite; did you mean --quiet\?\n/],
    [['--json'], /Which command\?/],
    [['build', 'photos', '--olny=x'], /Unknown argument: photos, --olny; did you mean --only\?\n/],
    [['build', '-f'], /Unknown argument: -f\n/],
    [['plan', 'photos', '--', 'more'], /Unknown argument: photos, more; a folder is named by --source/],
    [['plan', '--no-json'], /Unknown argument: --no-json\n/],
    [['plan', '--json.x=1'], /Unknown argument: --json\.x; did you mean --json\?\n/],
    [['plan', '007'], /Unknown argument: 007; a folder is named by --source, some of its pictures by --only/],
    [['build', ...'abcdefgh'], /Unknown argument: a, b, c and 5 more; a folder is named by --source/],
    [['url', ...'abcd'], /Unknown argument: b, c, d\n/],
    [['build', '--concurrency', 'abc'], /--concurrency is "abc".*whole number/],
    [['build', '--concurrency', '-1'], /--concurrency/],
    [['build', '--concurrency', '0'], /--concurrency is "0"/],
    [['build', '--concurrency', '2', '--concurrency', '3'], /--concurrency is given 2 times/],
    [['build', '--concurrency'], /concurrency/],
    [['build', '--config='], /--config needs a value/],
    [['build', '--only'], /^error: --only needs a value\n/],
    [['build', '--frobnicate'], /Unknown argument: --frobnicate\n/],
    [['build', '--onyl', 'a/**'], /Unknown argument: --onyl; did you mean --only\?/],
    [['plan', '--shard', '1/2'], /Unknown argument: --shard\n/],
    [['prune', '--max-shar=1'], /Unknown argument: --max-shar; did you mean --max-share\?/],
    [['build', 'photos'], /Unknown/],
    [['build', '--shard', '0/4'], /--shard is "0\/4".*i\/n/],
    [['build', '--shard', '5/4'], /--shard/],
    [['build', '--memory', 'lots'], /--memory is "lots".*512MB/],
    [['build', '--format', 'bmp'], /--format is "bmp".*avif, webp[^?]*$/],
    [['plan', '--format', 'wepb'], /--format is "wepb"; did you mean webp\? allowed: avif, webp/],
    [
      ['url', 'a.jpg', '--size', 'crad'],
      /"crad" is not configured; there are: small, card; did you mean card\?/,
    ],
    [['build', '--size', 'nope'], /--size "nope" is not configured; there are: small, card/],
    [['plan', '--only', '!x'], /"!x" is no pattern/],
    [['prune', '--older-than', 'soon'], /--older-than is "soon".*7d/],
    [['prune', '--max-share', '2'], /--max-share is "2".*0\.\.1/],
    [['prune', '--only', 'a/**'], /Unknown argument: --only/],
    [['purge'], /Which pictures\? imgsizes purge cat\.jpg/],
    [['html'], /Which folder\? imgsizes html dist/],
    [['origin', '--quiet'], /In front of which server\? imgsizes origin nginx/],
    [['origin', 'ngnix'], /"ngnix" is not a known server; did you mean nginx\? allowed: nginx/],
    [['purge', 'a.jpg'], /no terminal.*--yes/],
    [['purge', '../a.jpg', '--yes'], /"\.\.\/a\.jpg" is not a source name/],
    [['serve', '--port', '65536'], /--port is "65536".*0\.\.65535/],
    [['serve', '--mount', 'img'], /--mount is "img".*\/img\//],
    [['url'], /Which picture\? imgsizes url/],
    [
      ['url', './a.jpg'],
      /"\.\/a\.jpg" is not a source name[\s\S]*Give the path of the original below its source/,
    ],
    [['url', 'a.jpg', '--', 'more'], /Unknown argument: more\n/],
    [['url', 'a.jpg', '--transform', 'q80.640w'], /canonical[\s\S]*300x200\.cover\.attention/],
    [['url', 'a.jpg', '--transform', '640w.q80', '--size', 'small'], /do not go together/],
    [['url', 'a.jpg', '--html', '--json'], /--html and --json do not go together/],
    [['url', 'a.jpg', '--html', '--format', 'auto'], /names its formats/],
    [['url', 'a.jpg', '--format', 'gif'], /not configured.*webp, jpg/],
    [['prune', '--dry-run=1'], /--dry-run is "1"; allowed: --dry-run alone, or with true or false/],
    [['prune', '--dryRun=yes'], /--dryRun is "yes"/],
    [['prune', '--help=on'], /--help is "on"/],
    [['plan', '--check=TRUE'], /--check is "TRUE"/],
    [['plan', '--quiet='], /--quiet is ""/],
    [['build', '--force=1', '--force'], /--force is "1"/],
    [['purge', '-y=1', 'a.jpg'], /-y is "1"/],
    [['purge', '--', 'a.jpg', '--yes'], /no terminal.*--yes/],
    [['plan', '--', '--json'], /Unknown argument: --json\n/],
    [['build', '--sources-from', 'nowhere.txt'], /--sources-from: nowhere\.txt does not exist/],
    [['build', '--config', 'nowhere.ts'], /nowhere\.ts does not exist\n(?![\s\S]*init)/],
    [['build', '--plan', 'nowhere.ndjson'], /--plan: nowhere\.ndjson does not exist/],
    [['plan', '--source', './out'], /source.*the same place as output/],
  ]

  test('a source that begins with no name of the sources, which are named', async () => {
    const cwd = await makeProject([], { source: { blog: './photos', web: 'https://img.example.net/' } })
    for (const picture of ['zz/1.jpg', '1.jpg', 'blog']) {
      const { code, stdout, stderr } = await run(['url', picture], { cwd })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(
        `"${picture}" is in none of the sources; it must begin with the name of one: blog/, web/`,
      )
    }
    expect((await run(['url', 'web/1.jpg'], { cwd })).code).toBe(0)
  })

  test('one by one', async () => {
    const cwd = await makeProject([])
    for (const [args, says] of cases) {
      const { code, stdout, stderr } = await run(args, { cwd })
      expect.soft({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect.soft(stderr, args.join(' ')).toMatch(says)
      expect.soft(stderr, args.join(' ')).not.toMatch(/^ {4}at /m)
    }
  })
})

test.each(['plan --out', 'build --images', 'build --types', 'build --report', 'build --changed'])(
  '%s where nothing can be written ends at once, with exit code 1',
  async (line) => {
    const cwd = await makeProject(['a.jpg'])
    const { code, stdout, stderr } = await run([...line.split(' '), 'imgsizes.config.json/x'], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/imgsizes\.config\.json\/x cannot be written/)
  },
)

describe('a wrong configuration is exit code 2', () => {
  test('none at all says how to get one', async () => {
    const cwd = await makeFolder()
    await mkdir(join(cwd, '.git'))
    const { code, stderr } = await run(['plan'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('imgsizes init')
  })

  test('every fault at once, however many, where nobody sits before it', async () => {
    const sizes = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`size${index}`, { width: 0 }]))
    const cwd = await makeProject([], { quality: 101, sizes, secret: undefined })
    const { code, stderr } = await run(['build'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/42 problems[\s\S]*quality[\s\S]*sizes\.size39\.width: 0[\s\S]*secret: nothing/)
  })

  test('no secret names the variable', async () => {
    const cwd = await makeFolder()
    const { secret: _, ...rest } = CONFIG
    await writeText(join(cwd, 'imgsizes.config.json'), JSON.stringify(rest))
    const { code, stderr } = await run(['url', 'a.jpg'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('IMGSIZES_SECRET')
  })
})

describe('what cannot be read or written is no bug', () => {
  test('a configuration or .env that is none', async () => {
    const cwd = await makeProject([])
    await mkdir(join(cwd, '.env'))
    const [env, folder] = await Promise.all([
      run(['plan'], { cwd }),
      run(['plan', '--config', 'photos'], { cwd }),
    ])
    expect([env.code, folder.code]).toEqual([2, 2])
    expect(env.stderr).toMatch(/^error: .*\/\.env cannot be read \(EISDIR\)$/m)
    expect(folder.stderr).toMatch(/^error: .*\/photos is a folder$/m)
  })

  test.skipIf(process.platform !== 'linux')('a stdout that is full', async () => {
    const cwd = await makeProject([])
    const script = (line: string) =>
      new Promise<{ code: number | null; stderr: string }>((resolve) => {
        const child = spawn('/bin/sh', ['-c', `"${process.execPath}" "${BIN}" ${line} > /dev/full`], { cwd })
        let stderr = ''
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text
        })
        child.on('close', (code) => resolve({ code, stderr }))
      })
    const [plan, usage] = await Promise.all([script('plan --json'), script('nope')])
    expect(plan).toEqual({
      code: 1,
      stderr: expect.stringContaining('error: stdout cannot be written (ENOSPC)\n'),
    })
    expect(usage).toEqual({ code: 2, stderr: expect.stringContaining('There is no command "nope"') })
  })
})

describe('help', () => {
  test('of the program lists the commands, of a command its flags and examples, on stdout', async () => {
    const cwd = await makeFolder()
    const [all, one, version] = await Promise.all([
      run(['--help'], { cwd }),
      run(['prune', '--help'], { cwd }),
      run(['--version'], { cwd }),
    ])
    for (const name of ['init', 'plan', 'build', 'prune', 'purge', 'verify', 'serve', 'url'])
      expect(all.stdout).toContain(`imgsizes ${name}`)
    expect(one.stdout).toMatch(/--older-than[\s\S]*Examples:/)
    expect(one.stdout).not.toMatch(/\[(?:string|array|required)\]/)
    const { version: expected } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    )
    expect(version.stdout.trim()).toBe(expected)
    expect([all.code, one.code, version.code]).toEqual([0, 0, 0])
  })

  test('of every command fits 80 columns, and tears no example', async () => {
    const cwd = await makeFolder()
    const { stdout } = await run(['--help'], { cwd })
    const names = [...stdout.matchAll(/^ {2}imgsizes (\w+)(?: [<[]| {2})/gm)].map(([, name = '']) => name)
    expect(new Set(names).size).toBe(COMMANDS.length)
    for (const name of names) {
      const help = (await run([name, '--help'], { cwd })).stdout
      expect([name, help.split('\n').filter((line) => line.length > 80)]).toEqual([name, []])
      expect([name, help.match(/\[(?:string|array|required|default)/)]).toEqual([name, null])
      const examples = help.slice(help.indexOf('Examples:\n')).trimEnd().split('\n').slice(1)
      // A row is a command, or what it is for under it.
      for (const row of examples) expect(row).toMatch(/^ {2}\S.*imgsizes |^ {2}imgsizes |^ {6}\S/)
    }
    // No example is cut off: the longest are there whole. Names of git are from the sources' folder on.
    expect((await run(['build', '--help'], { cwd })).stdout).toContain(
      '\n  git diff --name-only --relative=photos HEAD~ | imgsizes build --sources-from -\n',
    )
    expect((await run(['warm', '--help'], { cwd })).stdout).toContain(
      '\n  aws s3 cp s3://logs/cdn.gz - | imgsizes warm - --min-hits 2\n',
    )
  })

  test('leaves out common flags that mean nothing to a command, which takes them all the same', async () => {
    const cwd = await makeProject([])
    const { stdout } = await run(['url', '--help'], { cwd })
    expect(stdout).toMatch(/--source[\s\S]*--json/)
    expect(stdout).not.toMatch(/--concurrency|--output/)
    const { code } = await run(['url', 'a.jpg', '--concurrency', '2', '--output', './elsewhere'], { cwd })
    expect(code).toBe(0)
  })
})

describe('next steps', () => {
  test('are said as whoever was started by npx types them, on stdout and stderr', async () => {
    const cwd = await makeProject(['a.jpg'])
    const env = { npm_command: 'exec' }
    expect((await run(['plan'], { cwd, env })).stdout).toContain('Next: npx imgsizes build\n')
    expect((await run(['plan'], { cwd })).stdout).toContain('Next: imgsizes build\n')
    const part = ['plan', '--only', '?.jpg', '--format', 'webp']
    expect((await run(part, { cwd })).stdout).toContain("Next: imgsizes build --only '?.jpg' --format webp\n")
    const stored = await run([...part, '--force', '--out', 'a plan'], { cwd })
    expect(stored.stdout).toContain("Next: imgsizes build --plan 'a plan' --format webp --force\n")
    expect((await run(['biuld'], { cwd, env })).stderr).toContain('`npx imgsizes --help`')
    const empty = await makeFolder()
    await mkdir(join(empty, '.git'))
    expect((await run(['plan'], { cwd: empty, env })).stderr).toContain('`npx imgsizes init`')
  })
})

test('a configuration of many faults takes 200 rows of a log, unless all are asked for', async () => {
  const folder = makeFolder()
  const sizes = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`s${i}`, { width: 0 }]))
  await writeText(join(folder, 'imgsizes.config.json'), JSON.stringify({ ...CONFIG, sizes }))
  const lines = (await run(['plan'], { cwd: folder })).stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(202)
  expect(lines.at(-1)).toBe('  … and 100 more: --verbose shows all')
  expect((await run(['plan', '--verbose'], { cwd: folder })).stderr.trimEnd().split('\n')).toHaveLength(301)
})

test('colours are off in a pipe, on where forced, off where refused', async () => {
  const cwd = await makeProject([])
  const [plain, forced, refused] = await Promise.all([
    run(['plan'], { cwd }),
    run(['plan'], { cwd, env: { FORCE_COLOR: '1' } }),
    run(['build', '--size', 'x'], { cwd, env: { NO_COLOR: '1', TERM: 'xterm-256color' } }),
  ])
  expect(plain.stdout).not.toContain(ESCAPE)
  expect(forced.stdout).toContain(ESCAPE)
  expect(refused.stderr).not.toContain(ESCAPE)
})

test('a bug shows its stack and asks to be reported', () => {
  const bug = new Error('boom')
  const text = formatError(bug, { style: SILENT.style, programVersion: '1.0.0' })
  expect([exitCodeOf(bug), text.split('\n').at(-2)]).toEqual([
    1,
    expect.stringMatching(/^imgsizes 1\.0\.0, Node v/),
  ])
  expect(text).toMatch(/bug: Error: boom\n\s+at [\s\S]*Please report it/)
})

test('what a configuration prints goes to stderr, so that stdout can be read by a program', async () => {
  const cwd = await makeProject([])
  await writeText(
    join(cwd, 'imgsizes.config.mjs'),
    `console.log('settings of', 'this site'); export default ${JSON.stringify(CONFIG)}`,
  )
  const { stdout, stderr } = await run(['plan', '--json', '--quiet', '--config', 'imgsizes.config.mjs'], {
    cwd,
  })
  expect([JSON.parse(stdout).sources, stderr]).toEqual([0, 'settings of this site\n'])
})
