import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openImgsizes } from '../../src/build.ts'
import { makeProject, run } from './support.ts'

/** Has the ledger say that another libvips has made everything. */
const makeOlder = async (cwd: string): Promise<void> => {
  const folder = join(cwd, 'out/.imgsizes/ledger')
  for (const name of await readdir(folder)) {
    const text = gunzipSync(await readFile(join(folder, name))).toString()
    await writeFile(join(folder, name), gzipSync(text.replaceAll(/vips-[0-9.]+/g, 'vips-8.0.0')))
  }
}

it('build --encoder-changed keeps what other encoders have made, says so, and makes it again where told to', async () => {
  const cwd = await makeProject(['a.jpg', 'b.jpg'])
  await run(['build'], { cwd })
  await makeOlder(cwd)
  const env = { GITHUB_STEP_SUMMARY: join(cwd, 'summary.md') }
  const kept = await run(['build', '--report', 'report.html'], { cwd, env })
  expect(kept).toMatchObject({ code: 0, stdout: expect.stringContaining('0 rendered, 8 present') })
  expect(kept.stderr).toContain('8 results made by other encoders than these were kept')
  expect(await readFile(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('8 results by other encoders, kept')
  expect(await readFile(join(cwd, 'report.html'), 'utf8')).toContain('<b>8</b><span>by other encoders, kept')
  expect((await run(['build', '--encoder-changed', 'keep', '--json'], { cwd })).stdout).toContain(
    '"rendered":0',
  )
  const plan = await run(['plan', '--encoder-changed', 'rerender', '--json'], { cwd })
  expect(JSON.parse(plan.stdout)).toMatchObject({ present: 0, stale: 8 })
  const { plan: planHere } = await openImgsizes({ cwd })
  expect(await planHere({ encoderChanged: 'rerender' })).toEqual(JSON.parse(plan.stdout))
  expect(await planHere({ encoderChanged: 'keep' })).toMatchObject({ present: 8, stale: 0 })
  const again = ['build', '--encoder-changed', 'rerender', '--json']
  expect(JSON.parse((await run(again, { cwd })).stdout)).toMatchObject({ rendered: 8, present: 0 })
  expect(JSON.parse((await run(again, { cwd })).stdout)).toMatchObject({ rendered: 0, present: 8 })
  expect((await run(['build', '--encoder-changed', 'perhaps'], { cwd })).code).toBe(2)
})
