import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { animate } from '../render/support.ts'
import { sparseProgressive } from '../support/torture/jpeg.ts'
import { makeProject, run, writeConfig, writePicture } from './support.ts'

describe('--memory', () => {
  it('has pictures wait for each other where it holds but one', async () => {
    const cwd = await makeProject([])
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      await writePicture(join(cwd, `photos/${name}.jpg`), 1200, 900)
    // Encoders that search hold more than a picture of this size may take here.
    await writeConfig(cwd, {
      formats: ['webp'],
      sizes: { wide: { widths: [300, 600, 900, 1200] } },
    })
    const args = ['build', '--memory', '25MB', '--concurrency', '2', '--json', '--verbose']
    const { code, stdout, stderr } = await run(args, { cwd })
    expect(code).toBe(0)
    const rendered = [...stderr.matchAll(/^rendered .* in ([0-9]+) ms$/gm)].map(([, ms]) => Number(ms))
    expect(rendered).toHaveLength(6)
    // Each counts from its own beginning until it is told. Two at once would take half of their sum: three pictures less.
    const wholeMs = JSON.parse(stdout).seconds * 1000
    expect(rendered.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(wholeMs + Math.min(...rendered))
  })
})

it('a source that would take more memory than there is is named with the flag that allows it, and leaves the others be', async () => {
  const cwd = await makeProject(['a.jpg', 'b.jpg'])
  const file = join(cwd, 'photos/many.jpg')
  await writeFile(file, sparseProgressive({ width: 4000, height: 3000 }))
  const small = await run(['build', '--memory', '64MB', '--json'], { cwd })
  expect(small.code).toBe(1)
  expect(JSON.parse(small.stdout)).toMatchObject({
    failed: 1,
    failures: [{ source: 'many.jpg', code: 'too-large-for-memory' }],
  })
  expect(small.stderr).toMatch(/many\.jpg.*--memory/s)
  expect(JSON.parse((await run(['plan', '--json'], { cwd })).stdout).failing).toBe(0)
  const large = await run(['build', '--memory', '256MB', '--json'], { cwd })
  expect([large.code, JSON.parse(large.stdout).failed]).toEqual([0, 0])
})

it('an animation of more pixels than a still result may have is built at its own size all the same, and the plan rests', async () => {
  const cwd = await makeProject([])
  await writeFile(join(cwd, 'photos/dance.gif'), await animate(60, 40, 30, 'gif'))
  const sizes = { content: { widths: [30, 60] } }
  const limits = { outputPixels: 60 * 40 * 2 }
  await writeConfig(cwd, { formats: ['webp', 'original'], sizes, limits })
  const built = await run(['build', '--json'], { cwd })
  expect([built.code, JSON.parse(built.stdout).rendered]).toEqual([0, 4])
  expect((await run(['plan', '--check'], { cwd })).code).toBe(0)
  await writeConfig(cwd, { formats: ['webp'], sizes, limits: { ...limits, outputPixels: 60 * 40 - 1 } })
  const narrow = await run(['build', '--force', '--json'], { cwd })
  expect(narrow.code).toBe(1)
  expect(JSON.parse(narrow.stdout).failures).toMatchObject([{ code: 'output-too-large' }])
})

it('a source that takes too long is named and counted, remembered, and tried again when asked for', async () => {
  const cwd = await makeProject([])
  await writePicture(join(cwd, 'photos/large.jpg'), 3000, 2000)
  const slow = { formats: ['avif'], sizes: { wide: { widths: [1500, 2000, 2500] } } }
  await writeConfig(cwd, { ...slow, limits: { renderTimeout: '50ms' } })
  const built = await run(['build', '--json'], { cwd })
  expect(built.code).toBe(1)
  expect(JSON.parse(built.stdout)).toMatchObject({
    sources: 1,
    rendered: 0,
    failed: 1,
    failures: [{ source: 'large.jpg', code: 'render-timeout' }],
  })
  expect(built.stderr).toContain('large.jpg')
  expect(JSON.parse((await run(['plan', '--json'], { cwd })).stdout)).toMatchObject({
    failing: 1,
    missing: 0,
  })
  const next = await run(['build', '--json'], { cwd })
  expect([next.code, JSON.parse(next.stdout).failed]).toEqual([0, 0])
  expect((await run(['build', '--retry-failed', '--quiet'], { cwd })).code).toBe(1)
})
