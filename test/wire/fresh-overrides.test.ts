import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFreshOverrides, openPictureOverrides } from '../../src/app/picture-overrides.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { createOverridesReader } from '../../src/wire/overrides.ts'
import { makeFolder } from '../support/folder.ts'
import { createManualClock } from '../support/manual-clock.ts'

test('a server reads the file of overrides again after ten seconds, and keeps what it said while it is wrong', async () => {
  const root = makeFolder()
  const write = (text: string) => writeFile(join(root, 'p.json'), text)
  await write('{"a.jpg": {"quality": 1}}')
  const config = resolveConfig({ source: 'in', output: 'out', overrides: './p.json' }, { root })
  const readFile = createOverridesReader(config)
  let reads = 0
  const overrides = await openPictureOverrides({
    readFile: () => {
      reads++
      return readFile()
    },
  })
  const clock = createManualClock()
  const read = createFreshOverrides(overrides, clock)
  const qualityNow = async () => (await read('a.jpg' as SourceKey))?.quality

  await write('{"a.jpg": {"quality": 2}}')
  await clock.advance(10_000)
  expect([await qualityNow(), reads]).toEqual([1, 1])
  await clock.advance(1)
  expect([await qualityNow(), await qualityNow(), reads]).toEqual([2, 2, 2])
  await write('{"a.jpg": {"quality": ')
  await clock.advance(10_001)
  expect([await qualityNow(), reads]).toEqual([2, 3])
  await rm(join(root, 'p.json'))
  await clock.advance(10_001)
  expect([await qualityNow(), reads]).toEqual([2, 4])
  await write('{"a.jpg": {"quality": 3}}')
  await clock.advance(10_001)
  expect([await qualityNow(), reads]).toEqual([3, 5])
})
