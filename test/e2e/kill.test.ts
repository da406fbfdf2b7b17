import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { createBucket, s3Endpoint } from '../support/s3.ts'
import { openSite, readSample, type Site } from '../support/site.ts'

/** The law Crash: SIGKILL at any moment leaves no half object, and the next build finishes the rest. */

const KILLS = 6
const PICTURES = 6

describe('a build that is killed', () => {
  const sites: Site[] = []
  afterEach(() => {
    for (const site of sites.splice(0)) site.remove()
  })

  const openKillSite = async (output: string): Promise<Site> => {
    const site = openSite({
      source: './in',
      output,
      sizes: { content: { widths: [80, 160, 240, 320, 400, 480] } },
      formats: ['webp', 'original'],
    })
    sites.push(site)
    const picture = sharp(await readSample('nature/leaves.jpg')).resize(700)
    for (let i = 0; i < PICTURES; i++)
      site.write(
        `in/${i}.jpg`,
        await picture
          .clone()
          .modulate({ hue: i * 40 })
          .jpeg()
          .toBuffer(),
      )
    return site
  }

  const places: readonly (readonly [string, () => Promise<string>])[] = [
    ['a folder', async () => './out'],
    [
      'S3',
      async () =>
        `s3://${await createBucket('kill')}/out?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`,
    ],
  ]

  it.each(places)('into %s', { timeout: 120_000 }, async (_, place) => {
    const site = await openKillSite(await place())
    const startedAt = performance.now()
    expect((await site.run('build')).code).toBe(0)
    const wholeMs = performance.now() - startedAt
    let wasCutShort = 0
    for (let i = 0; i < KILLS; i++) {
      const child = site.start('build', '--force', '--quiet', '--concurrency', '2')
      const ended = new Promise<NodeJS.Signals | null>((end) =>
        child.once('close', (_code, signal) => end(signal)),
      )
      // From before the first result to near the end.
      await sleep(wholeMs * (0.2 + (0.65 * i) / KILLS))
      child.kill('SIGKILL')
      if ((await ended) === 'SIGKILL') wasCutShort++
      const { bad } = await site.json<{ bad: unknown[] }>('verify')
      expect(bad).toEqual([])
    }
    expect(wasCutShort).toBeGreaterThan(KILLS / 2)
    expect((await site.run('build')).code).toBe(0)
    const expected = PICTURES * 6 * 2
    expect(await site.json('plan')).toMatchObject({ present: expected, missing: 0, stale: 0, foreign: 0 })
    expect(await site.json('verify')).toMatchObject({ checked: expected, bad: [] })
  })
})
