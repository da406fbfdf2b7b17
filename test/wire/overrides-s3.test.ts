import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { changeOverride, createOverridesReader } from '../../src/wire/overrides.ts'
import { createBucket, s3Endpoint } from '../support/s3.ts'

test('a file of overrides in a bucket loses no change of several writers, nor does a sidecar', async () => {
  const bucket = await createBucket('overrides')
  const query = `endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`
  const at = (path: string) => `s3://${bucket}/${path}?${query}`
  const open = (more: object) =>
    resolveConfig({ source: at('in'), output: at('out'), ...more }, { root: '/' })
  const config = open({ overrides: at('settings/p.json') })
  const keys = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'] as SourceKey[]
  await Promise.all(keys.map((key) => changeOverride(config, key, () => ({ alt: key }))))
  const overrides = await createOverridesReader(config)()
  expect(keys.map((key) => overrides?.of(key)?.alt)).toEqual(keys)
  const sidecars = open({ sidecars: true })
  const [first = '' as SourceKey] = keys
  await Promise.all([
    changeOverride(sidecars, first, (before) => ({ ...before, alt: 'A' })),
    changeOverride(sidecars, first, (before) => ({ ...before, quality: 7 })),
  ])
  let text: object = {}
  await changeOverride(sidecars, first, (before) => {
    text = before
    return before
  })
  expect(text).toEqual({ alt: 'A', quality: 7 })
})
