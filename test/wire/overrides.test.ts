import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { parseSourceKey, type SourceKey } from '../../src/core/source-key.ts'
import { changeOverride, createOverridesReader } from '../../src/wire/overrides.ts'
import { makeFolder } from '../support/folder.ts'
import { problemOf } from '../support/problems.ts'

const CAT = parseSourceKey('cat.jpg') as SourceKey

const open = async (more: object): Promise<{ readonly folder: string; readonly config: Config }> => {
  const folder = makeFolder()
  const config = resolveConfig({ source: './in', output: './out', ...more }, { root: folder })
  return { folder, config }
}

describe('the file of overrides', () => {
  test('is none where none is configured, and must be there where one is', async () => {
    expect(await createOverridesReader((await open({})).config)()).toBeUndefined()
    const { config, folder } = await open({ overrides: './p.json' })
    expect(await problemOf(createOverridesReader(config)())).toMatchObject({
      code: 'overrides-missing',
      message: `${join(folder, 'p.json')} does not exist`,
    })
  })

  test('is written and read back', async () => {
    const { config } = await open({ overrides: './p.json' })
    await changeOverride(config, CAT, (before) => ({ ...before, focus: [100, 200] }))
    expect((await createOverridesReader(config)())?.of(CAT)).toEqual({ focus: { x: 100, y: 200 } })
  })

  test('gives way to a sidecar where the picture has one', async () => {
    const { config, folder } = await open({
      source: { blog: './in' },
      overrides: './p.json',
      sidecars: true,
    })
    const source = parseSourceKey('blog/cat.jpg') as SourceKey
    await changeOverride(config, source, () => ({ alt: 'one' }))
    expect(await readFile(join(folder, 'p.json'), 'utf8')).toContain('"blog/cat.jpg"')
    await mkdir(join(folder, 'in'))
    await writeFile(join(folder, 'in', 'cat.jpg.json'), '{}')
    await changeOverride(config, source, () => ({ alt: 'two' }))
    expect(await readFile(join(folder, 'in', 'cat.jpg.json'), 'utf8')).toBe('{\n  "alt": "two"\n}\n')
  })

  test('must be configured to be written', async () => {
    const { config } = await open({})
    const problem = await problemOf(changeOverride(config, CAT, () => ({ alt: '' })))
    expect(problem).toMatchObject({ code: 'overrides-missing', hint: expect.stringContaining('overrides:') })
  })

  test.each([
    [
      's3://bucket/a/b/p.json?region=eu-west-1',
      { folder: { bucket: 'bucket', prefix: 'a/b/' }, name: 'p.json' },
    ],
    ['s3://bucket/p.json', { folder: { prefix: '' }, name: 'p.json' }],
  ])('may be an object: %s', async (overrides, place) => {
    expect((await open({ overrides })).config.overrides).toMatchObject({ kind: 'object', ...place })
  })

  test.each(['s3://bucket', 's3://bucket/', 'https://example.com/p.json', 3, ''])(
    'cannot be %s',
    async (overrides) => {
      await expect(open({ overrides })).rejects.toThrow(/overrides: .*; allowed: a JSON file or s3/)
    },
  )
})
