import { describe, expect, it } from 'vitest'
import { killBuild } from '../support/kill.ts'
import { createBucket, s3Endpoint } from '../support/s3.ts'
import { openTestSite, type Site, writePhotos } from '../support/site.ts'

/** The law Crash: SIGKILL at any moment leaves no half object, and the next build finishes the rest. */

const PICTURES = 6
const RESULTS = PICTURES * 3 * 2
/** Results that stand when it is killed: none yet, in the midst, and all, but hardly recorded. */
const MOMENTS = [0, 5, 15, 25, RESULTS]

describe('a build that is killed', () => {
  const openKillSite = async (output: string): Promise<Site> => {
    const site = openTestSite({
      source: './in',
      output,
      sizes: { content: { widths: [80, 160, 240] } },
      formats: ['webp', 'original'],
    })
    await writePhotos(site, PICTURES, 300)
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

  it.each(places)('into %s', async (_, place) => {
    const site = await openKillSite(await place())
    expect((await site.run('build')).code).toBe(0)
    for (const [i, afterResults] of MOMENTS.entries()) {
      const wasCutShort = await killBuild(site, { afterResults, delayMs: i * 5 })
      // After the last one only the ledger is to be written, and it may be quicker than we are.
      if (afterResults < RESULTS) expect(wasCutShort).toBe(true)
      const { bad } = await site.json<{ bad: unknown[] }>('verify')
      expect(bad).toEqual([])
    }
    expect((await site.run('build')).code).toBe(0)
    expect(await site.json('plan')).toMatchObject({ present: RESULTS, missing: 0, stale: 0, foreign: 0 })
    expect(await site.json('verify')).toMatchObject({ checked: RESULTS, bad: [] })
  })
})
