/**
 * What a slow store costs: the same build from S3 to S3, through a proxy that adds 40 ms to every answer, and
 * through one that adds nothing.
 *
 *     npm run bench:latency -- [--photos <folder>] [--count 16] [--rounds 3] [--delay 40]
 *
 * Prints one JSON object. The law is a ratio below 1.15.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startCeph } from '../support/ceph.ts'
import { openFaultProxy } from '../support/fault-proxy.ts'
import { measure, median } from './measure.ts'
import { findPhotos } from './photos.ts'

const BIN = resolve(import.meta.dirname, '../../bin/imgsizes.cjs')

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      photos: { type: 'string' },
      count: { type: 'string', default: '16' },
      rounds: { type: 'string', default: '3' },
      delay: { type: 'string', default: '40' },
    },
  })
  const ms = Number(values.delay)
  const photos = findPhotos(values.photos).slice(0, Number(values.count))
  const ceph = await startCeph()
  const near = await openFaultProxy(ceph.endpoint)
  const far = await openFaultProxy(ceph.endpoint, () => ({ kind: 'delay', ms }))
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-bench-'))
  try {
    const { accessKeyId, secretAccessKey } = ceph.owner
    await fill(ceph.endpoint, ceph.owner, photos)
    const build = async (endpoint: string, name: string) => {
      const file = join(folder, `${name}.json`)
      const query = `?endpoint=${endpoint}&region=us-east-1&forcePathStyle=true`
      const config = {
        source: `s3://bench/in/${query}`,
        output: `s3://bench/${name}/${query}`,
        baseUrl: '/',
        secret: 'correct-horse-battery-staple',
        formats: ['webp', 'original'],
        sizes: { content: { widths: [320, 640, 960, 1280, 1920] } },
      }
      writeFileSync(file, JSON.stringify(config))
      const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
      const args = ['build', '--config', file, '--json', '--quiet']
      const { wallMs, stdout } = await measure([process.execPath, BIN, ...args], { env })
      return { wallMs, seconds: (JSON.parse(stdout) as { seconds: number }).seconds }
    }
    const runs = []
    for (let round = 0; round < Number(values.rounds); round++) {
      const places = [near, far]
      if (round % 2 === 1) places.reverse()
      const pair = new Map<unknown, { wallMs: number; seconds: number }>()
      for (const place of places)
        pair.set(place, await build(place.endpoint, `${place === near ? 'near' : 'far'}-${round}`))
      const [nearSeconds = 1, farSeconds = 0] = [pair.get(near)?.seconds, pair.get(far)?.seconds]
      runs.push({ nearSeconds, farSeconds, ratio: farSeconds / nearSeconds })
    }
    const ratio = median(runs.map((run) => run.ratio))
    console.log(JSON.stringify({ photos: photos.length, delayMs: ms, ratio: Number(ratio.toFixed(3)), runs }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await Promise.all([near.close(), far.close()])
    await ceph.stop()
  }
}

const fill = async (
  endpoint: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
  photos: readonly string[],
): Promise<void> => {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  await client.send(new CreateBucketCommand({ Bucket: 'bench' }))
  for (const photo of photos)
    await client.send(
      new PutObjectCommand({ Bucket: 'bench', Key: `in/${basename(photo)}`, Body: readFileSync(photo) }),
    )
  client.destroy()
}

await main()
