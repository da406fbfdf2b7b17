import { spawnSync } from 'node:child_process'
import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder, makeProject, run, writeConfig, writePicture, writeText } from './support.ts'

describe('pictures that cannot be read', () => {
  it('are told once, by their endings, and named when asked for', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg'])
    for (const [from, to] of [
      ['a.jpg', 'a.jfif'],
      ['b.jpg', 'B.JPE'],
    ] as const)
      await rename(join(cwd, 'photos', from), join(cwd, 'photos', to))
    for (const name of ['1.heic', 'x/2.HEIC', '3.psd', 'notes.txt', 'favicon.ico'])
      await writeText(join(cwd, 'photos', name), 'x')
    for (const command of ['plan', 'build']) {
      const { code, stdout, stderr } = await run([command], { cwd })
      expect([code, stderr.match(/2 \.heic, 1 \.psd\. Save them as JPEG or PNG/g)?.length], command).toEqual([
        0, 1,
      ])
      expect(stdout, command).toContain('3 sources')
      const named = await run([command, '--verbose'], { cwd })
      expect(named.stdout + named.stderr, command).not.toContain('--verbose')
      expect(named.stdout + named.stderr, command).toContain('x/2.HEIC')
      expect(named.stdout + named.stderr, command).not.toMatch(/notes|favicon/)
      expect((await run([command, '--quiet'], { cwd })).stderr, command).toBe('')
    }
  })

  it('are told by init, which would find nothing otherwise', async () => {
    const cwd = await makeFolder()
    for (const name of ['1.heic', '2.HEIC']) await writeText(join(cwd, 'photos', name), 'x')
    const { stdout } = await run(['init'], { cwd })
    expect(stdout).toContain('No pictures were found.')
    expect(stdout).toContain('Some pictures are left out: 2 .heic. Save them as JPEG or PNG.')
  })
})

it('smaller copies that WordPress made are left out by init, and told by a build without that', async () => {
  const cwd = await makeFolder()
  for (const name of ['cat.jpg', 'cat-300x187.jpg', 'cat-150x150.jpg'])
    await writePicture(join(cwd, 'wp-content/uploads/2024', name), 40, 30)
  await writeText(join(cwd, 'wp-config.php'), '')
  const init = await run(['init', '--config', 'imgsizes.config.json'], { cwd })
  expect(init.stdout).toMatch(
    /2 pictures of these are smaller copies by WordPress \(2024\/cat-\d+x\d+\.jpg\): `exclude` leaves them out\.\n/,
  )
  const file = join(cwd, 'imgsizes.config.json')
  const config = JSON.parse(await readFile(file, 'utf8'))
  expect(config.exclude).toEqual(['**/*-+([0-9])x+([0-9]).*'])
  const built = await run(['build', '--size', 'card'], { cwd })
  expect([built.stdout, built.stderr].join('')).toContain('1 source')
  expect(built.stderr).not.toContain('copies')
  await writeFile(file, JSON.stringify({ ...config, exclude: [] }))
  expect((await run(['build', '--size', 'card'], { cwd })).stderr).toMatch(
    /2 pictures of these are smaller copies by WordPress .*: add '\*\*\/\*-\+\(\[0-9\]\)x\+\(\[0-9\]\)\.\*' to `exclude`/,
  )
})

it('a folder that `exclude` or `match` names without what lies in it is told, with what to write', async () => {
  const cwd = await makeProject(['a.jpg', 'drafts/b.jpg', 'cards/c.jpg'], {
    exclude: ['drafts'],
    sizes: { card: { width: 40, match: 'cards' }, content: { width: 50, match: ['a.jpg', 'drafts/**'] } },
  })
  for (const command of ['plan', 'build']) {
    const { code, stderr } = await run([command], { cwd })
    expect([code, stderr.match(/^".*$/gm)], command).toEqual([
      0,
      ['cards', 'drafts'].map(
        (name) =>
          `"${name}" in \`exclude\` or \`match\` is a folder, and so names no picture: write '${name}/**'.`,
      ),
    ])
  }
})

it('results that no quality makes small enough are told once, and named when asked for', async () => {
  const cwd = await makeProject([])
  await writePicture(join(cwd, 'photos/a.png'), 300, 300)
  await writeConfig(cwd, { sizes: { small: { widths: [200, 300], maxKilobytes: 20 } } })
  const { code, stderr } = await run(['build', '--verbose'], { cwd })
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('2 results are larger than `maxKilobytes` allows'),
  ])
  expect(stderr).toMatch(/stored a\.png\/300w\S*\.png: [0-9.]+ kB, [0-9.]+ kB more than `maxKilobytes`/)
  expect(stderr).not.toMatch(/\.webp: .* more than/)
})

it('what a killed build left beside images.json goes with the next one; what another is at stays', async () => {
  const cwd = await makeProject(['a.jpg'])
  const gone = spawnSync('true').pid
  const leave = async (name: string, ageHours = 0): Promise<void> => {
    await writeText(join(cwd, name), 'half')
    const at = Date.now() / 1000 - ageHours * 3600
    await utimes(join(cwd, name), at, at)
  }
  await leave(`.images.json.${gone}-0b1c.partial`)
  await leave(`.images.json.${process.pid}-2d3e.partial`)
  await leave(`.images.json.${process.pid}-4f5a.partial`, 2)
  await leave('.images.json.6a7b8c9d-of-before.partial', 2)
  await leave(`.other.json.${gone}-0b1c.partial`)
  expect((await run(['build', '--images', 'images.json', '--quiet'], { cwd })).code).toBe(0)
  expect((await readdir(cwd)).filter((name) => name.endsWith('.partial')).sort()).toEqual(
    [`.images.json.${process.pid}-2d3e.partial`, `.other.json.${gone}-0b1c.partial`].sort(),
  )
})
