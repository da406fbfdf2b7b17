import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listOutput, makeProject, run, runAsProcess, writeConfig } from './support.ts'

/** Rights mean nothing to root. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534 } : {}

/** Everything is built; then nobody may look into `closed`. */
const makeClosed = async (closed: string, changes: object = {}): Promise<string> => {
  const cwd = await makeProject(['a.jpg', 'lost+found/b.jpg', '.Trash-0/c.jpg', 'z/d.jpg'], changes)
  for (const folder of ['', 'out', 'photos']) await chmod(join(cwd, folder), 0o777).catch(() => {})
  const built = await runAsProcess(['build', '--quiet'], { cwd, ...NOBODY })
  expect(built).toMatchObject({ code: 0, stderr: '' })
  await chmod(join(cwd, closed), 0o000)
  return cwd
}

const json = (text: string) => JSON.parse(text)

describe('a folder of the source that may not be looked into', () => {
  it('is named, its results are left alone, and the others are done', async () => {
    const cwd = await makeClosed('photos/lost+found')
    const before = (await listOutput(cwd)).length
    await rm(join(cwd, 'photos/z/d.jpg'))
    const plan = await runAsProcess(['plan', '--json'], { cwd, ...NOBODY })
    expect(json(plan.stdout)).toMatchObject({ sources: 1, missing: 0, orphans: 4 })
    expect([plan.code, plan.stderr]).toEqual([1, expect.stringContaining('skipped lost+found: ')])
    expect(plan.stderr).toContain('EACCES')
    expect(plan.stderr).toContain('are left as they are')

    const build = await runAsProcess(['build', '--json'], { cwd, ...NOBODY })
    expect([build.code, json(build.stdout)]).toEqual([
      1,
      expect.objectContaining({ failed: 1, failures: [expect.objectContaining({ source: 'lost+found' })] }),
    ])
    expect(build.stderr).toContain('skipped lost+found: ')
    const told = await runAsProcess(['build'], { cwd, ...NOBODY })
    expect(told.stdout).toContain('1 source, 1 folder not read; results: ')
    const doctor = await runAsProcess(['doctor', '--json'], { cwd, ...NOBODY })
    expect(json(doctor.stdout).checks).toContainEqual(
      expect.objectContaining({ part: 'source', name: 'list', status: 'failed' }),
    )
    const prune = await runAsProcess(['prune', '--older-than', '0', '--max-share', '1', '--json'], {
      cwd,
      ...NOBODY,
    })
    expect([prune.code, json(prune.stdout).deleted]).toEqual([1, 4])
    expect((await runAsProcess(['verify', '--quiet'], { cwd, ...NOBODY })).code).toBe(1)
    expect((await listOutput(cwd)).length).toBe(before - 4)

    await chmod(join(cwd, 'photos/lost+found'), 0o755)
    expect(await runAsProcess(['plan', '--check', '--quiet'], { cwd, ...NOBODY })).toMatchObject({ code: 0 })
  })

  it('is not entered where it begins with a dot or is excluded', async () => {
    const cwd = await makeClosed('photos/.Trash-0')
    expect(await runAsProcess(['plan', '--check', '--quiet'], { cwd, ...NOBODY })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    await chmod(join(cwd, 'photos/lost+found'), 0o000)
    for (const exclude of [['lost+found/**'], ['**/lost+found/**/*'], ['lost+found']]) {
      await writeConfig(cwd, { exclude })
      const plan = await runAsProcess(['plan', '--json'], { cwd, ...NOBODY })
      expect(plan, exclude[0]).toMatchObject({ code: 0, stderr: '' })
      expect(json(plan.stdout)).toMatchObject({ sources: 2, missing: 0 })
    }
    await chmod(join(cwd, 'photos/lost+found'), 0o755)
    await chmod(join(cwd, 'photos/.Trash-0'), 0o755)
  })
})

it('a folder of the output that may not be looked into is a failure of the sources whose results lie there, and of no other', async () => {
  const cwd = await makeClosed('out/lost+found')
  const plan = await runAsProcess(['plan', '--json'], { cwd, ...NOBODY })
  expect([plan.code, json(plan.stdout)]).toEqual([
    1,
    expect.objectContaining({ sources: 3, present: 8, missing: 0, failing: 1 }),
  ])
  expect(plan.stderr).toContain('failed lost+found/b.jpg: ')
  await rm(join(cwd, 'out/a.jpg'), { recursive: true })
  const build = await runAsProcess(['build', '--json', '--sources-from', '-'], {
    cwd,
    ...NOBODY,
    stdin: 'a.jpg\nlost+found/b.jpg\nlost+found/gone.jpg\nz/d.jpg\n',
  })
  expect([build.code, json(build.stdout)]).toEqual([
    1,
    expect.objectContaining({
      rendered: 4,
      sources: 4,
      present: 4,
      failures: ['lost+found/b.jpg', 'lost+found/gone.jpg'].map((source) =>
        expect.objectContaining({ source, code: 'store-denied' }),
      ),
    }),
  ])
  expect(build.stderr).not.toContain('not found')
  await chmod(join(cwd, 'out/lost+found'), 0o755)
  expect(await runAsProcess(['plan', '--check', '--quiet'], { cwd, ...NOBODY })).toMatchObject({ code: 0 })
})

it('one of several sources that is not there is named, its results are left alone, and the others are built', async () => {
  const source = { blog: './photos', shop: './shop' }
  const cwd = await makeProject(['a.jpg', '../shop/b.jpg'], { source })
  expect((await run(['build', '--quiet'], { cwd })).code).toBe(0)
  await rm(join(cwd, 'shop'), { recursive: true })
  await rm(join(cwd, 'out/blog'), { recursive: true })
  const build = await run(['build', '--json'], { cwd })
  expect([build.code, json(build.stdout)]).toEqual([1, expect.objectContaining({ rendered: 4, failed: 1 })])
  expect(build.stderr).toContain('skipped shop: ')
  expect(json((await run(['plan', '--json'], { cwd })).stdout)).toMatchObject({ orphans: 0, present: 4 })
  await writeConfig(cwd, { source: { shop: './shop' } })
  expect((await run(['plan'], { cwd })).stderr).toContain('does not exist')
})
