import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FindFault, openFaultProxy, type SeenRequest, SLOW_DOWN } from '../support/fault-proxy.ts'
import { killBuild } from '../support/kill.ts'
import { createBucket, openS3Client, s3Endpoint } from '../support/s3.ts'
import { openTestSite, writePhotos } from '../support/site.ts'

/**
 * A build on S3 behind a bad network, killed again and again: no half or wrong object ever stands, the next build
 * completes, and what is said of it is true.
 */

const RUNS = 20
const PICTURES = 6
const RESULTS = PICTURES * 4

/** Mulberry32: the same faults and moments in every run of the test. */
const createRandom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const badNetwork =
  (random: () => number): FindFault =>
  () => {
    const dice = random()
    if (dice < 0.2) return SLOW_DOWN
    if (dice < 0.24) return { kind: 'lose-answer' }
    if (dice < 0.28) return { kind: 'cut' }
    return dice < 0.3 ? { kind: 'reset' } : undefined
  }

const openPair = async (fault: FindFault) => {
  const bucket = await createBucket('faults')
  const proxy = await openFaultProxy(s3Endpoint(), fault)
  const at = (endpoint: string, prefix: string): string =>
    `s3://${bucket}/${prefix}/?endpoint=${endpoint}&region=us-east-1&forcePathStyle=true`
  const site = openTestSite({
    source: './in',
    output: at(proxy.endpoint, 'out'),
    sizes: { content: { widths: [80, 240] } },
    formats: ['webp', 'original'],
  })
  await writePhotos(site, PICTURES, 400)
  return { site, proxy, bucket, at, direct: ['--output', at(s3Endpoint(), 'out')] }
}

describe('a bad network and SIGKILL', () => {
  it('leave a store that verifies, and a build that finishes', { timeout: 180_000 }, async () => {
    const random = createRandom(7)
    const { site, proxy, direct } = await openPair(badNetwork(random))
    let killed = 0
    for (let run = 1; run <= RUNS; run++) {
      const moment = {
        afterResults: Math.floor(random() * RESULTS * 0.8),
        withinMs: 500 + random() * 1500,
        delayMs: random() * 50,
      }
      if (await killBuild(site, moment)) killed++
      if (run % 5 === 0) expect(await site.json('verify', ...direct)).toMatchObject({ bad: [] })
    }
    expect(killed).toBeGreaterThan(RUNS / 2)
    // Through the same bad network: the client tries again until it is through.
    const report = await site.json<{ rendered: number; present: number; failed: number }>('build')
    expect(report.failed).toBe(0)
    expect(report.rendered + report.present).toBe(RESULTS)
    expect(proxy.seen.length).toBeGreaterThan(RESULTS)
    await proxy.close()
    expect(await site.json('verify', ...direct)).toMatchObject({ checked: RESULTS, bad: [] })
    expect(await site.json('plan', ...direct)).toMatchObject({
      present: RESULTS,
      missing: 0,
      stale: 0,
      foreign: 0,
    })
  })

  it('make no other results of originals that are read and listed through it', async () => {
    const isBad = badNetwork(createRandom(11))
    const read = new Set<string>()
    const { site, proxy, bucket, at } = await openPair((request) => {
      const { method, url } = request
      // The first read of every other original breaks off, whatever the dice say.
      if (method !== 'GET' || !/\/in\/[02468]\.jpg/.test(url) || read.has(url)) return isBad(request)
      read.add(url)
      return { kind: 'cut' }
    })
    const client = openS3Client()
    onTestFinished(() => client.destroy())
    const listMarks = async (folder: string): Promise<readonly string[]> => {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: `${folder}/` }),
      )
      return Contents.map(({ Key = '', ETag }) => `${Key.slice(folder.length)} ${ETag}`).filter(
        (line) => !line.startsWith('/.imgsizes/'),
      )
    }
    const clean = ['--source', at(s3Endpoint(), 'in'), '--output', at(s3Endpoint(), 'clean')]
    for (let i = 0; i < PICTURES; i++) {
      const Body = await readFile(join(site.folder, `in/${i}.jpg`))
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${i}.jpg`, Body }))
    }
    expect(await site.json('build', ...clean)).toMatchObject({
      sources: PICTURES,
      rendered: RESULTS,
      failed: 0,
    })
    const through = ['--source', at(proxy.endpoint, 'in'), '--output', at(proxy.endpoint, 'through')]
    const report = await site.json('build', ...through)
    expect(report).toMatchObject({ sources: PICTURES, rendered: RESULTS, failed: 0 })
    // Some of them were asked for again.
    expect(proxy.seen.filter(({ url }) => url.includes('/in/')).length).toBeGreaterThan(PICTURES)
    await proxy.close()
    const made = await listMarks('through')
    expect(made).toHaveLength(RESULTS)
    expect(made).toEqual(await listMarks('clean'))
  })

  it('what could not be stored is reported, and the exit code says so', async () => {
    const isDenied = ({ method, url }: SeenRequest): boolean =>
      method === 'PUT' && url.includes('/out/3.jpg/')
    let isOn = true
    const { site, proxy, direct } = await openPair((request) =>
      isOn && isDenied(request) ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined,
    )
    const first = await site.run('build', '--json')
    expect(first.code).toBe(1)
    expect(JSON.parse(first.stdout)).toMatchObject({
      sources: PICTURES,
      rendered: RESULTS - 4,
      failed: 1,
      failures: [{ source: '3.jpg', code: 'store-denied' }],
    })
    expect(await site.json('verify', ...direct)).toMatchObject({ checked: RESULTS - 4, bad: [] })
    isOn = false
    const second = await site.run('build', '--json')
    expect(second.code).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({ rendered: 4, present: RESULTS - 4, failed: 0 })
    await proxy.close()
  })

  it('a part of the ledger that breaks off is read on; one that cannot be read is said so, with exit code 1', async () => {
    const isPart = ({ method, url }: SeenRequest): boolean =>
      method === 'GET' && url.includes('/.imgsizes/ledger/')
    let cuts = 0
    const { site, proxy, direct } = await openPair((request) =>
      isPart(request) && cuts-- > 0 ? { kind: 'cut' } : undefined,
    )
    expect(await site.json('build')).toMatchObject({ rendered: RESULTS })
    cuts = 3
    const through = await site.run('build', '--json')
    expect(through).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(through.stdout)).toMatchObject({ rendered: 0, present: RESULTS })
    cuts = Number.POSITIVE_INFINITY
    const without = await site.run('build', '--json', '--quiet')
    expect(without.code).toBe(1)
    expect(without.stderr).toMatch(/failed: A part of the ledger .* cannot be read now/)
    // Each result is asked itself.
    expect(JSON.parse(without.stdout)).toMatchObject({ rendered: 0, present: RESULTS })
    expect((await site.run('plan', '--check')).code).toBe(1)
    expect(await site.run('prune')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('so nothing is deleted'),
    })
    await proxy.close()
    expect(await site.json('build', ...direct)).toMatchObject({ rendered: 0, present: RESULTS, failed: 0 })
  })
})
