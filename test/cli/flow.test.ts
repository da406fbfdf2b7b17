import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listOutput, makeFolder, makeProject, run, writePicture, writeText } from './support.ts'

describe('init', () => {
  test('leads to a build, a plan without work, and a prune of what went', async () => {
    const cwd = await makeFolder()
    await writePicture(join(cwd, 'public/photos/a.jpg'))
    await writePicture(join(cwd, 'public/photos/b.jpg'))
    const init = await run(['init'], { cwd })
    expect(init).toMatchObject({ code: 0, stderr: '' })
    expect(init.stdout).toContain('Found 2 pictures in public/photos.')
    expect(await readFile(join(cwd, '.env'), 'utf8')).toMatch(/^IMGSIZES_SECRET=[A-Za-z0-9_-]{43}\n$/)
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('.env\n')

    expect((await run(['plan', '--check'], { cwd })).code).toBe(3)
    expect((await run(['build', '--size', 'card', '--format', 'webp'], { cwd })).code).toBe(0)
    expect((await run(['build', '--format', 'original'], { cwd })).code).toBe(0)
    expect((await run(['build'], { cwd })).code).toBe(0)
    const done = await run(['plan', '--check'], { cwd })
    expect(done.code).toBe(0)
    expect(done.stdout).toContain('Nothing to do.')

    await rm(join(cwd, 'public/photos/b.jpg'))
    const orphans = JSON.parse((await run(['plan', '--json'], { cwd })).stdout).orphans
    expect(orphans).toBeGreaterThan(0)
    const young = await run(['prune'], { cwd })
    expect(young.stdout).toContain(`0 results deleted\n${orphans} results kept for now`)
    expect(young.stdout).toContain('imgsizes prune --older-than 0')
    const refused = await run(['prune', '--older-than', '0'], { cwd })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('--max-share 0.5')
    const flags = ['prune', '--older-than', '0', '--max-share', '0.5', '--json']
    const dry = await run([...flags, '--dry-run'], { cwd })
    const real = await run(flags, { cwd })
    expect(JSON.parse(dry.stdout)).toEqual({ version: 1, deleted: orphans, kept: 0, extra: 0, foreign: 0 })
    expect(real.stdout).toBe(dry.stdout)
    expect(JSON.parse((await run(['plan', '--json'], { cwd })).stdout)).toMatchObject({
      orphans: 0,
      missing: 0,
    })
  })

  test('never overwrites a configuration, whatever its ending', async () => {
    const cwd = await makeFolder()
    await writeText(join(cwd, 'imgsizes.config.mjs'), 'mine')
    const { code, stderr } = await run(['init'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('imgsizes.config.mjs exists and was left as it is')
    expect(await readFile(join(cwd, 'imgsizes.config.mjs'), 'utf8')).toBe('mine')
    await expect(readFile(join(cwd, '.env'))).rejects.toThrow('ENOENT')
  })

  test('keeps a secret that is there, and lines without an end', async () => {
    const cwd = await makeFolder()
    await writeFile(join(cwd, '.env'), 'A=1\nIMGSIZES_SECRET=0123456789abcdef')
    await writeFile(join(cwd, '.gitignore'), 'dist')
    const { code, stdout } = await run(['init'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('kept the IMGSIZES_SECRET')
    expect(stdout).toContain('No pictures were found')
    expect(await readFile(join(cwd, '.env'), 'utf8')).toBe('A=1\nIMGSIZES_SECRET=0123456789abcdef')
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('dist\n.env\n/public/img/\n/.imgsizes/\n')
  })

  test('writes the secret alone where a configuration is there and nobody has it', async () => {
    const cwd = await makeFolder()
    await writePicture(join(cwd, 'photos/a.jpg'))
    await run(['init'], { cwd })
    const config = await readFile(join(cwd, 'imgsizes.config.ts'), 'utf8')
    const refused = await run(['init'], { cwd })
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('was left as it is')])

    await writeFile(join(cwd, '.env'), 'OTHER=1')
    const plan = await run(['plan'], { cwd })
    expect([plan.code, plan.stderr]).toEqual([2, expect.stringContaining('`imgsizes init` makes')])
    const { code, stdout } = await run(['init'], { cwd })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^kept imgsizes\.config\.ts\nwrote a random/)])
    expect(stdout).toContain('If this project has a secret elsewhere')
    expect(await readFile(join(cwd, '.env'), 'utf8')).toMatch(/^OTHER=1\nIMGSIZES_SECRET=[\w-]{43}\n$/)
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('.env\n')
    expect(await readFile(join(cwd, 'imgsizes.config.ts'), 'utf8')).toBe(config)
    expect((await run(['plan'], { cwd })).code).toBe(0)

    await rm(join(cwd, '.env'))
    const env = { IMGSIZES_SECRET: '0123456789abcdef' }
    expect((await run(['init'], { cwd, env })).code).toBe(1)
    await expect(readFile(join(cwd, '.env'))).rejects.toThrow('ENOENT')
  })

  test('makes no secret that the configuration would not read', async () => {
    const given = await makeFolder()
    await writeText(join(given, 'imgsizes.config.mjs'), 'export default { source: "./a", output: "./b" }')
    const env = { IMGSIZES_SECRET: '0123456789abcdef' }
    const unread = await run(['init'], { cwd: given, env })
    expect([unread.code, unread.stderr]).toEqual([
      1,
      expect.stringContaining('secret: process.env.IMGSIZES_SECRET'),
    ])
  })

  test('writes JSON where it is asked to, whose secret is the one in .env', async () => {
    const cwd = await makeFolder()
    await writePicture(join(cwd, 'photos/a.jpg'))
    expect((await run(['init', '--config', 'imgsizes.config.json'], { cwd })).code).toBe(0)
    const config = JSON.parse(await readFile(join(cwd, 'imgsizes.config.json'), 'utf8'))
    expect(config).toMatchObject({ source: './photos', sizes: { card: { width: 400 } } })
    expect(config.$schema).toBe('./node_modules/imgsizes/dist/config.schema.json')
    expect((await run(['url', 'a.jpg', '--size', 'card'], { cwd })).stdout).toContain('a.jpg/400x300.cover')

    await writeFile(join(cwd, '.env'), 'OTHER=1\n')
    expect((await run(['plan'], { cwd })).code).toBe(2)
    expect((await run(['init'], { cwd })).code).toBe(0)
    expect((await run(['plan', '--check'], { cwd })).code).toBe(3)
  })

  test('keeps results out of git where there is one, once, and says so', async () => {
    const cwd = await makeFolder()
    await mkdir(join(cwd, '.git'))
    expect((await run(['init'], { cwd })).stdout).toContain(
      'added .env and /public/img/ and /.imgsizes/ to .gitignore',
    )
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('.env\n/public/img/\n/.imgsizes/\n')

    const covered = await makeFolder()
    await writeFile(join(covered, '.gitignore'), '.env*\n/public/\n.imgsizes\n')
    expect((await run(['init'], { cwd: covered })).stdout).not.toContain('.gitignore')
    expect(await readFile(join(covered, '.gitignore'), 'utf8')).toBe('.env*\n/public/\n.imgsizes\n')

    const bucket = await makeFolder()
    await mkdir(join(bucket, '.git'))
    const { stdout } = await run(['init', '--output', 's3://some-bucket/img'], { cwd: bucket })
    expect(stdout).toContain('say in `baseUrl` the address of the CDN in front of s3://some-bucket/img')
    expect(await readFile(join(bucket, '.gitignore'), 'utf8')).toBe('.env\n')
  })

  test('warns of a configuration above, and goes on', async () => {
    const cwd = await makeProject(['a.jpg'])
    await mkdir(join(cwd, 'sub'))
    const { code, stderr } = await run(['init'], { cwd: join(cwd, 'sub') })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning: \.\.\/imgsizes\.config\.json exists already/)
  })

  test('takes pictures in the project itself and none of its folders, and says how to install', async () => {
    const cwd = await makeFolder()
    await writePicture(join(cwd, 'a.JPG'))
    await writeText(join(cwd, 'package.json'), '{ "dependencies": {} }')
    const { stdout } = await run(['init'], { cwd })
    expect(stdout).toMatch(/^Found 1 picture in this folder itself\.\n/)
    await writePicture(join(cwd, 'node_modules/x/b.jpg'))
    expect(JSON.parse((await run(['plan', '--json'], { cwd })).stdout)).toMatchObject({ sources: 1 })
    expect(stdout).toContain('npm install --save-dev imgsizes')
    const listed = await makeFolder()
    await writeText(join(listed, 'package.json'), '{ "devDependencies": { "imgsizes": "1" } }')
    expect((await run(['init'], { cwd: listed })).stdout).not.toContain('npm install')
  })

  test('takes nothing that cannot be a place', async () => {
    const cwd = await makeFolder()
    const { code, stderr } = await run(['init', '--source', 'ftp://host/'], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringContaining('source')])
    await expect(readFile(join(cwd, 'imgsizes.config.ts'))).rejects.toThrow('ENOENT')
  })

  test('proposes an output that no one uses yet', async () => {
    const cwd = await makeFolder()
    await writePicture(join(cwd, 'public/img/a.jpg'))
    await mkdir(join(cwd, 'static'))
    const { stdout } = await run(['init', '--json'], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      source: 'public/img',
      output: 'public/sizes',
      state: '.imgsizes',
      baseUrl: '/sizes/',
      pictures: 1,
    })
  })
})

test('prune refuses an empty source, and believes it where told to', async () => {
  const cwd = await makeProject(['a.jpg'])
  await run(['build'], { cwd })
  await rm(join(cwd, 'photos/a.jpg'))
  const refused = await run(['prune', '--older-than', '0s', '--json'], { cwd })
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' })
  expect(refused.stderr).toContain('--allow-empty --max-share 1')
  await run(['prune', '--allow-empty', '--max-share', '1'], { cwd })
  const flags = ['prune', '--older-than', '0s', '--allow-empty', '--max-share', '1', '--json']
  expect(JSON.parse((await run(flags, { cwd })).stdout).deleted).toBe(4)
  expect(await listOutput(cwd)).toEqual([])
})

describe('an output folder that is not there', () => {
  test('is empty to those who would fill it, and is not made by a look', async () => {
    const cwd = await makeProject(['a.jpg'], { secret: 'a-secret-of-this-test-and-of-no-manual' })
    const [plan, url, doctor] = await Promise.all([
      run(['plan', '--json'], { cwd }),
      run(['url', 'a.jpg', '--json'], { cwd }),
      run(['doctor', '--json'], { cwd }),
    ])
    expect(JSON.parse(plan.stdout)).toMatchObject({ expected: 4, missing: 4 })
    expect([plan.code, url.code, doctor.code]).toEqual([0, 0, 0])
    expect(JSON.parse(doctor.stdout).checks).toContainEqual(
      expect.objectContaining({ part: 'output', name: 'list', status: 'warning' }),
    )
    expect(await readdir(cwd)).toEqual(['imgsizes.config.json', 'photos'])
    expect(JSON.parse((await run(['build', '--json'], { cwd })).stdout)).toMatchObject({ rendered: 4 })
  })

  test.each(['prune --allow-empty --max-share 1', 'verify', 'purge a.jpg --yes', 'prune --dry-run'])(
    'is an error to %s, for a disk may not be mounted',
    async (line) => {
      const cwd = await makeProject(['a.jpg'])
      const { code, stdout, stderr } = await run(line.split(' '), { cwd })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/out does not exist[\s\S]*mounted/)
      expect(await readdir(cwd)).toEqual(['imgsizes.config.json', 'photos'])
    },
  )
})

describe('purge', () => {
  test('names what it deletes; globs match, and a key that looks like one means itself', async () => {
    const cwd = await makeProject(['a.jpg', 'x/[b].jpg', 'x/b.jpg', 'x/c.jpg'])
    await run(['build'], { cwd })
    const literal = await run(['purge', 'x/[b].jpg', '--yes'], { cwd })
    expect(literal.code).toBe(0)
    expect(literal.stdout).toMatch(/^(x\/\[b\]\.jpg\/.*\n){4}4 results deleted\n$/)
    const glob = await run(['purge', 'x/*.JPG', 'nothing.jpg', '--yes', '--json'], { cwd })
    expect(JSON.parse(glob.stdout)).toMatchObject({ version: 1, deleted: 8 })
    expect((await listOutput(cwd)).every((key) => key.startsWith('a.jpg/'))).toBe(true)
    const none = await run(['purge', 'x/*.jpg', '-y'], { cwd })
    expect(none).toMatchObject({ code: 0, stdout: '0 results deleted\n' })
    expect(none.stderr).toBe(
      'note: There is no result of x/*.jpg. Names are paths below the source folder, such as a.jpg.\n',
    )
    const meant = await run(['purge', 'photos/a.jpg', '-y', '--json'], { cwd })
    expect(meant.stderr).toContain('no result of photos/a.jpg')
    expect((await run(['purge', 'x/*.jpg', '-y', '--quiet'], { cwd })).stderr).toBe('')
  })

  test('says of originals that were named and are still there that their results come again', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg'])
    const purge = async (...args: string[]) => {
      await run(['build'], { cwd })
      const { code, stderr } = await run(['purge', '-y', ...args], { cwd })
      expect(code).toBe(0)
      return stderr
    }
    expect(await purge('a.jpg')).toBe(
      'note: a.jpg is still there: the next build or visitor makes its results again. Delete it or exclude it first to get rid of them.\n',
    )
    expect(await purge('b.jpg', 'a.jpg', 'none.jpg', 'c*')).toMatch(/^note: b\.jpg, a\.jpg are still there: /)
    expect(await purge('*.jpg')).toBe('')
    expect(await purge('a.jpg', '--quiet')).toBe('')
    await run(['build'], { cwd })
    await rm(join(cwd, 'photos/a.jpg'))
    expect((await run(['purge', '-y', 'a.jpg'], { cwd })).stderr).toBe('')
    // Whoever cannot be asked keeps nothing from being deleted.
    await rm(join(cwd, 'photos'), { recursive: true })
    expect(await run(['purge', '-y', 'b.jpg'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('4 results deleted'),
    })
  })
})

test('verify finds what is damaged and mends it', async () => {
  const cwd = await makeProject(['a.jpg', 'cards/b.jpg'])
  await run(['build'], { cwd })
  const keys = await listOutput(cwd)
  expect(JSON.parse((await run(['verify', '--json'], { cwd })).stdout)).toEqual({
    version: 1,
    checked: 10,
    bad: [],
  })
  const cut = keys.find((key) => key.startsWith('a.jpg/32w') && key.endsWith('.webp')) ?? ''
  await truncate(join(cwd, 'out', cut), 60)
  const found = await run(['verify'], { cwd })
  expect(found.code).toBe(1)
  expect(found.stdout).toContain(cut)
  expect(found.stdout).toContain('10 results checked, 1 bad')
  expect(found.stderr).toContain('verify --repair')
  const none = await run(['verify', '--only', 'dogs/**', '--format', 'avif'], { cwd })
  expect(none).toMatchObject({ code: 0, stdout: '0 results checked, 0 bad\n' })
  expect(none.stderr).toContain("Nothing that is stored matches --only 'dogs/**' --format avif.")
  const card = JSON.parse((await run(['verify', '--size', 'card', '--json'], { cwd })).stdout)
  expect(card).toEqual({ version: 1, checked: 2, bad: [] })
  const mended = await run(['verify', '--repair'], { cwd })
  expect(mended).toMatchObject({ code: 0, stdout: '10 results checked, 1 repaired, 0 bad\n' })
  await truncate(join(cwd, 'out', cut), 60)
  const lost = keys.find((key) => key.startsWith('cards/b.jpg/')) ?? ''
  await truncate(join(cwd, 'out', lost), 60)
  await rm(join(cwd, 'photos/cards/b.jpg'))
  const repaired = await run(['verify', '--repair', '--json'], { cwd })
  expect(repaired.code).toBe(1)
  expect(JSON.parse(repaired.stdout)).toEqual({
    version: 1,
    checked: 10,
    bad: [{ key: lost, code: expect.any(String) }],
    repaired: [{ key: cut, code: expect.any(String) }],
  })
  const orphan = await run(['verify'], { cwd })
  expect(orphan.stdout).toContain('Its original is gone, so it cannot be rendered again: prune or purge it.')
  expect(orphan.stderr).not.toContain('--repair')
  expect((await run(['purge', 'cards/b.jpg', '--yes'], { cwd })).code).toBe(0)
  expect((await run(['verify'], { cwd })).code).toBe(0)
  expect((await run(['plan', '--check'], { cwd })).code).toBe(0)
})
