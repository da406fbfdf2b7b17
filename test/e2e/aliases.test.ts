import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { openFolderStore } from '../../src/store/folder.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { openS3Store } from '../../src/store/s3.ts'
import { IMGPROXY, signImgproxy as signed } from '../support/foreign-urls.ts'
import { createBucket, s3Endpoint, s3Settings, testS3 } from '../support/s3.ts'
import { startServe } from '../support/serve-process.ts'
import { openTestSite, type Site } from '../support/site.ts'

/** A site that used imgproxy-cache: pages ask the bucket for the MD5 of a path, and serve where it is not there. */

const CACHE_CONTROL = 'public, max-age=77'

const nameOf = (path: string): string => `processed/${createHash('md5').update(path).digest('hex')}`

const AHEAD = signed('/rs:fit:64:64/q:80/plain/local:///a%20b.jpg@webp')
const ON_DEMAND = signed('/rs:fit:48:48/q:70/plain/local:///a%20b.jpg@webp')

const draw = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 200, height: 100, channels: 3, background } })
    .jpeg()
    .toBuffer()

const openCachedSite = (output: string): Site => {
  const dialect = {
    type: 'imgproxy',
    ...IMGPROXY,
    cacheKeys: { folder: 'processed/' },
  }
  return openTestSite({
    source: './photos',
    output,
    cacheControl: CACHE_CONTROL,
    formats: ['webp'],
    sizes: { small: { width: 64, height: 64, fit: 'inside' } },
    dialects: [dialect],
    serve: { fill: 'one' },
  })
}

/** As a page does: the store first, and serve where that has nothing. */
const openPage = async (site: Site, store: WritableStore) => {
  const env = {
    AWS_ACCESS_KEY_ID: testS3().owner.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testS3().owner.secretAccessKey,
  }
  const serve = await startServe({ cwd: site.folder, env })
  return {
    serve,
    see: async (path: string): Promise<Uint8Array> => {
      const stored = await store.get(nameOf(path))
      if (stored !== undefined) return stored.bytes
      const response = await fetch(`http://127.0.0.1:${serve.port}${path}`)
      expect(response.status, serve.stderr()).toBe(200)
      return new Uint8Array(await response.arrayBuffer())
    },
  }
}

const colourOf = async (bytes: Uint8Array): Promise<string> => {
  const { dominant } = await sharp(bytes).stats()
  return dominant.r > dominant.b ? 'red' : 'blue'
}

const PLACES: readonly (readonly [
  string,
  () => Promise<{ readonly output: string; readonly open: (site: Site) => WritableStore }>,
])[] = [
  [
    'a bucket',
    async () => {
      const bucket = await createBucket('alias')
      return {
        output: `s3://${bucket}/out/?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`,
        open: () => openS3Store({ bucket, prefix: 'out/', settings: s3Settings() }),
      }
    },
  ],
  [
    'a folder',
    async () => ({ output: './out', open: ({ folder }) => openFolderStore({ path: `${folder}/out` }) }),
  ],
]

describe.each(PLACES)('pages that ask %s first', (_, openPlace) => {
  test('find what serve has stored for them, now and after a build', async () => {
    const { output, open } = await openPlace()
    const site = openCachedSite(output)
    site.write('photos/a b.jpg', await draw('#c00'))
    const store = open(site)
    expect(await site.json('build')).toMatchObject({ rendered: 1 })
    const { serve, see } = await openPage(site, store)
    for (const path of [AHEAD, ON_DEMAND]) expect(await colourOf(await see(path))).toBe('red')
    expect(await serve.stop()).toBe(0)

    for (const path of [AHEAD, ON_DEMAND]) {
      const alias = await store.get(nameOf(path))
      expect(await colourOf(alias?.bytes ?? new Uint8Array())).toBe('red')
      if (store.keepsHeaders)
        expect(alias?.headers).toMatchObject({ contentType: 'image/webp', cacheControl: CACHE_CONTROL })
    }

    site.write('photos/a b.jpg', await draw('#00c'))
    const built = await site.run('build', '--verbose', '--changed', 'changed.txt')
    expect(built.code, built.stderr).toBe(0)
    expect(built.stderr).toContain(`stored ${nameOf(AHEAD)}`)
    expect(built.stderr).toContain(`deleted ${nameOf(ON_DEMAND)}`)
    const changed = readFileSync(join(site.folder, 'changed.txt'), 'utf8')
    for (const path of [AHEAD, ON_DEMAND]) expect(changed.split('\n')).toContain(`/${nameOf(path)}`)
    const alias = await store.get(nameOf(AHEAD))
    expect(await colourOf(alias?.bytes ?? new Uint8Array())).toBe('blue')
    expect(await store.head(nameOf(ON_DEMAND))).toBeUndefined()
    expect(await site.json('plan')).toMatchObject({ missing: 0, stale: 0, drop: 0, foreign: 1 })

    expect(await site.json('purge', 'a b.jpg', '--yes')).toMatchObject({ deleted: 1 })
    expect(await store.head(nameOf(AHEAD))).toBeUndefined()
    await store.close()
  })
})
