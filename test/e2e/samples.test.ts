import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { contentTypeOf } from '../../src/core/format.ts'
import { layOut } from '../../src/core/geometry.ts'
import { openFolderStore } from '../../src/store/folder.ts'
import { openS3Store } from '../../src/store/s3.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { createBucket, s3Endpoint, s3Settings } from '../support/s3.ts'
import { openTestSite, SECRET } from '../support/site.ts'
import { collect } from '../support/streams.ts'

/** The sample pictures, built for real: folder to folder, folder to S3, S3 to S3, S3 to folder. */

const SAMPLES = resolve(import.meta.dirname, '../samples/photos')
const SIZES = {
  content: { widths: [160, 320] },
  card: { width: 120, height: 90, fit: 'cover', position: 'attention', densities: [1, 2] },
  share: { width: 200, height: 105, fit: 'contain', background: '#ffffff', formats: ['original'] },
}
/** One of each kind, where the stores are what is different. */
const FEW = { content: { widths: [160] }, share: SIZES.share }
const keyring = createKeyring([{ value: SECRET, isRetired: false }])

/** What the viewer sees of a sample, by sharp alone. */
const measureSample = async (source: string) => {
  const { width, height, autoOrient, format } = await sharp(join(SAMPLES, source)).metadata()
  return {
    width: autoOrient?.width ?? width,
    height: autoOrient?.height ?? height,
    isScalable: format === 'svg',
  }
}

interface Counts {
  readonly sources: number
  readonly rendered: number
  readonly failed: number
  readonly bytesIn: number
  readonly bytesOut: number
}

describe('the samples', () => {
  let bucket = ''
  beforeAll(async () => {
    bucket = await createBucket('samples')
    // The S3 sources of this test: what a user would have in a bucket.
    const store = openS3Store({ bucket, prefix: 'originals/', settings: s3Settings() })
    const folder = openFolderStore({ path: SAMPLES })
    for (const { key } of await collect(folder.list())) {
      const object = await folder.get(key)
      const headers = { contentType: 'application/octet-stream', cacheControl: 'no-store', metadata: {} }
      if (object !== undefined) await store.put(key, object.bytes, { headers })
    }
    await store.close()
  })

  const place = (kind: string, prefix: string): string =>
    kind === 'folder'
      ? `./${prefix}`
      : `s3://${bucket}/${prefix}?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`

  it.each([
    ['folder', 'folder', SIZES],
    ['folder', 's3', FEW],
    ['s3', 's3', FEW],
    ['s3', 'folder', FEW],
  ])('build from %s to %s: every result decodes to the size its key says', async (from, to, sizes) => {
    const outPrefix = `out-${from}-${to}`
    const site = openTestSite({
      source: place(from, 'originals'),
      output: place(to, outPrefix),
      sizes,
      formats: ['webp', 'original'],
    })
    if (from === 'folder') cpSync(SAMPLES, join(site.folder, 'originals'), { recursive: true })

    const report = await site.json<Counts>('build')
    expect(report).toMatchObject({ sources: 10, failed: 0 })
    expect(report.bytesIn).toBeGreaterThan(1_000_000)

    const store =
      to === 'folder'
        ? openFolderStore({ path: join(site.folder, outPrefix) })
        : openS3Store({ bucket, prefix: `${outPrefix}/`, settings: s3Settings() })
    let results = 0
    for (const { key } of await collect(store.list())) {
      if (key.startsWith('.imgsizes/')) continue
      results++
      const verified = keyring.verify(key)
      if (verified === undefined) throw new Error(`not a key of ours: ${key}`)
      const { source, transform, format } = verified.variant
      const object = await store.get(key)
      if (object === undefined) throw new Error(`gone: ${key}`)
      if (to === 's3')
        expect(object.headers).toMatchObject({
          contentType: contentTypeOf(format),
          cacheControl: expect.stringContaining('max-age=86400'),
        })
      const { data, info } = await sharp(object.bytes, { failOn: 'warning' })
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect(data.length).toBeGreaterThan(0)
      const { width, height } = layOut(transform.resize, await measureSample(source)).canvas
      expect({ key, width: info.width, height: info.height }).toEqual({ key, width, height })
    }
    expect(results).toBe(report.rendered)
    await store.close()

    expect(await site.json('plan')).toMatchObject({
      missing: 0,
      stale: 0,
      present: results,
      expected: results,
      orphans: 0,
      foreign: 0,
    })
    expect(await site.json('build')).toMatchObject({ rendered: 0, present: results, bytesIn: 0 })
    expect(await site.json('verify')).toEqual({ version: 1, checked: results, bad: [] })
  })
})
