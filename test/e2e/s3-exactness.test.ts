import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { openS3Store } from '../../src/store/s3.ts'
import { listKeys, openBench, putText } from '../support/bench-project.ts'
import { openFaultProxy } from '../support/fault-proxy.ts'
import { createBucket, openS3Client, s3Endpoint, s3Settings } from '../support/s3.ts'
import { openTestSite } from '../support/site.ts'

describe('an original that was uploaded in parts', () => {
  const noise = (mean: number): Promise<Buffer> =>
    sharp({
      create: {
        width: 1500,
        height: 1500,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean, sigma: 60 },
      },
    })
      .png({ compressionLevel: 1 })
      .toBuffer()

  it('has an ETag that is no MD5, and is known by it all the same', async () => {
    const bucket = await createBucket('parts')
    const client = openS3Client()
    const upload = async (body: Buffer): Promise<string> => {
      expect(body.length).toBeGreaterThan(5 * 1024 * 1024)
      const params = { Bucket: bucket, Key: 'in/a.png', Body: body }
      await new Upload({ client, params, partSize: 5 * 1024 * 1024 }).done()
      return String((await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'in/a.png' }))).ETag)
    }
    const site = openTestSite({
      source: `s3://${bucket}/in/?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`,
      output: './out',
      formats: ['webp'],
      sizes: { one: { widths: [32, 64] } },
      versions: true,
    })
    const first = await noise(100)
    expect(await upload(first)).toMatch(/-[0-9]+"$/)
    expect(await site.json('build')).toMatchObject({ rendered: 2, failed: 0 })
    expect(await site.json('build')).toMatchObject({ rendered: 0, present: 2, bytesIn: 0 })
    await upload(await noise(150))
    expect(await site.json('build')).toMatchObject({ rendered: 2 })
    expect(await site.json('plan')).toMatchObject({ missing: 0, stale: 0, present: 2, orphans: 2 })
    client.destroy()
  })
})

describe('a build with nothing to do', () => {
  it('costs a LIST for each thousand keys of either side, the ledger, and a constant', async () => {
    const bucket = await createBucket('requests')
    const proxy = await openFaultProxy(s3Endpoint())
    const settings = { ...s3Settings(), endpoint: proxy.endpoint }
    const source = openS3Store({ bucket, prefix: 'in/', settings })
    const output = openS3Store({ bucket, prefix: 'out/', settings })
    try {
      const names = Array.from({ length: 1_010 }, (_, i) => `${String(i).padStart(5, '0')}.jpg`)
      for (let i = 0; i < names.length; i += 64)
        await Promise.all(names.slice(i, i + 64).map((name) => putText(source, name, name)))
      const config = { formats: ['original' as const], sizes: { content: { widths: [320] } } }
      await openBench({ source, output, config }).build({ threads: 16 })
      const before = proxy.seen.length
      const bench = openBench({ source, output, config })
      await bench.build()
      expect(bench.events.filter(({ kind }) => kind === 'result-stored')).toEqual([])
      // One that is asked again, as a busy server has it, is one.
      const asked = new Set(
        proxy.seen
          .slice(before)
          .map(({ method, url, headers }) => `${method} ${decodeURIComponent(url)} ${headers.range ?? ''}`),
      )
      const requests = [...asked]
      const parts = (await listKeys(output, '.imgsizes/ledger/')).length
      const lists = requests.filter((request) => request.includes('list-type=2'))
      const ledger = requests.filter(
        (request) => request.includes('/.imgsizes/ledger/') && !lists.includes(request),
      )
      // 1,010 originals, 1,010 results and some parts of the ledger; and the ledger's own listing.
      expect(lists).toHaveLength(2 + 2 + 1)
      expect(ledger.length).toBeLessThanOrEqual(2 * parts)
      expect(requests.length - lists.length - ledger.length).toBeLessThanOrEqual(2)
    } finally {
      await Promise.all([source.close(), output.close()])
      await proxy.close()
    }
  })
})
