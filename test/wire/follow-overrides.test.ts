import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPictureOverrides } from '../../src/app/picture-overrides.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { followOverrides } from '../../src/wire/follow-overrides.ts'
import { createOverridesReader } from '../../src/wire/overrides.ts'
import { makeFolder } from '../support/folder.ts'

test('the file of overrides is read again when it changes, and a wrong one is told once', async () => {
  const root = makeFolder()
  const file = join(root, 'p.json')
  await writeFile(file, '{"a.jpg": {"quality": 1}}')
  const config = resolveConfig({ source: 'in', output: 'out', overrides: './p.json' }, { root })
  const overrides = await openPictureOverrides({ readFile: createOverridesReader(config) })
  const qualityNow = () => overrides.of('a.jpg' as SourceKey)?.quality
  const failed: unknown[] = []
  let changes = 0
  const following = followOverrides(
    { config, overrides },
    { onChanged: () => changes++, onFailed: (error) => failed.push(error) },
  )
  onTestFinished(() => following.close())
  await writeFile(file, '{"a.jpg": {"quality": 2}} ')
  await expect.poll(() => changes).toBe(1)
  expect(qualityNow()).toBe(2)
  await writeFile(file, '{"a.jpg": {"quality": ')
  await expect.poll(() => failed).toHaveLength(1)
  expect(qualityNow()).toBe(2)
  await writeFile(file, '{"a.jpg": {"quality": 2}}')
  await writeFile(file, '{"a.jpg": {"quality": 3}}')
  await expect.poll(qualityNow).toBe(3)
  expect(changes).toBe(2)
  expect(failed).toHaveLength(1)
})
