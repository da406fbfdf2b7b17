import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createOverridesNow } from '../../src/config/overrides-now.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { makeFolder } from '../support/folder.ts'
import { problemOf } from '../support/problems.ts'

/** What is said of `cat.jpg` at once, by files of these texts. */
const say = async (more: object, files: Readonly<Record<string, string>> = {}) => {
  const root = makeFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  const config = resolveConfig({ source: './in', output: './out', ...more }, { root })
  return createOverridesNow(config)('cat.jpg' as SourceKey)
}

const OVERRIDES = { 'p.json': '{"cat.jpg": {"alt": "under", "quality": 7}}' }
const SIDECAR = { 'in/cat.jpg.json': '{"alt": "over"}' }

describe('what is said of a picture, without waiting,', () => {
  test.each([
    ['nothing', {}, { ...OVERRIDES, ...SIDECAR }, undefined],
    [
      'the file of overrides',
      { overrides: './p.json' },
      { ...OVERRIDES, ...SIDECAR },
      { alt: 'under', quality: 7 },
    ],
    ['a sidecar', { sidecars: true }, { ...OVERRIDES, ...SIDECAR }, { alt: 'over' }],
    ['no sidecar', { sidecars: true }, OVERRIDES, undefined],
    [
      'both',
      { overrides: './p.json', sidecars: true },
      { ...OVERRIDES, ...SIDECAR },
      { alt: 'over', quality: 7 },
    ],
  ])('stands in %s', async (_, more, files, said) => {
    expect(await say(more, files)).toEqual(said)
  })

  test.each([
    ['is missing', { overrides: './p.json' }, {}, 'overrides-missing'],
    ['is a folder', { overrides: './p.json' }, { 'p.json/x': '' }, 'file-not-read'],
    ['is in a bucket', { overrides: 's3://bucket/p.json' }, {}, 'overrides-missing'],
    [
      'stands beside originals elsewhere',
      { source: 'https://a.example/', sidecars: true },
      {},
      'overrides-missing',
    ],
  ])('is not known where its file %s', async (_, more, files, code) => {
    expect(await problemOf(say(more, files))).toMatchObject({ code })
  })
})
