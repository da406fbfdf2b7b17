import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { versionOf } from '../../src/url/version.ts'
import { getText, picture, putText } from '../support/bench-project.ts'
import { asDatedStore } from '../support/dated-store.ts'
import { asGatedStore } from '../support/gated-store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { countOperations, openTestOrigin, type TestOriginOptions } from '../support/origin.ts'

/** URLs of other image servers on a site whose own keys carry versions. */

const URL = '/t/300x200/cat.jpg'
const A_DAY = 'public, max-age=86400, stale-while-revalidate=604800'

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

interface SiteOptions {
  readonly store?: WritableStore
  readonly config?: TestOriginOptions['config']
  /** Before anything is asked of the originals. */
  readonly gate?: (operation: string) => Promise<void>
}

const site = async ({ store = openMemoryStore(), config, gate }: SiteOptions = {}) => {
  await putText(store, 'cat.jpg', 'a cat')
  const asked = countOperations(gate)
  const clock = createManualClock()
  const test = openTestOrigin({
    source: asGatedStore(store, asked.gate),
    clock,
    config: {
      versions: true,
      dialects: [
        { type: 'nginx', prefix: '/t/', unsigned: true, quality: 85 },
        { type: 'imgproxy', unsigned: true, autoFormat: ['avif', 'gif'] },
      ],
      serve: { fill: 'one' },
      ...config,
    },
  })
  const show = async (url = URL, init?: RequestInit): Promise<string> => {
    const response = await test.getRaw(url, init)
    return `${response.status} ${await response.text()}`
  }
  const outcomes = (): readonly string[] => test.reports.map(({ outcome }) => outcome)
  return { ...test, store, asked, clock, show, outcomes }
}

const CAT = picture('a cat', '85', 'jpg')

describe('a foreign URL, where keys have versions,', () => {
  it('is answered in place, and stored as the current version', async () => {
    const { getRaw, show, settle, bench, key, outcomes } = await site()
    const cold = await getRaw(URL)
    expect([cold.status, await cold.text(), cold.headers.get('cache-control')]).toEqual([200, CAT, A_DAY])
    expect(await show()).toBe(`200 ${CAT}`)
    await settle()
    const transform = `300x200.inside.q85.v-${versionOf(md5('a cat'), '')}`
    expect(await getText(bench.output, key('cat.jpg', transform, 'jpg'))).toBe(CAT)
    expect(outcomes()).toEqual(['miss', 'hit'])
  })

  it('is answered in a format that our own keys do not have', async () => {
    const { getRaw, show } = await site()
    const gif = picture('a cat', '80', 'gif')
    expect(await show('/_/w:5/plain/local:///cat.jpg@gif')).toBe(`200 ${gif}`)
    const chosen = await getRaw('/_/w:6/plain/local:///cat.jpg', { headers: { accept: 'image/gif' } })
    expect([chosen.status, chosen.headers.get('content-type'), chosen.headers.get('vary')]).toEqual([
      200,
      'image/gif',
      'Accept',
    ])
    expect(chosen.headers.get('content-location')).toMatch(/^\/cat\.jpg\/6w\.q80\.v-[0-9a-f]{10}\..*\.gif$/)
  })

  it('shows the new picture when its original is replaced', async () => {
    const { show, store, clock } = await site()
    expect(await show()).toBe(`200 ${CAT}`)
    await putText(store, 'cat.jpg', 'a dog')
    await clock.advance(2_000)
    expect(await show()).toBe(`200 ${picture('a dog', '85', 'jpg')}`)
  })

  it('is a hit where build has made it, for one look at the original every two seconds', async () => {
    const { bench, show, asked, outcomes, clock } = await site({
      config: { sizes: { box: { width: 300, height: 200, fit: 'inside', quality: 85 } } },
    })
    await bench.build()
    const [looks, reads] = [asked.of('head cat.jpg'), asked.of('get cat.jpg')]
    for (let i = 0; i < 5; i++) expect(await show()).toBe(`200 ${CAT}`)
    expect(asked.of('head cat.jpg') - looks).toBe(1)
    await clock.advance(2_000)
    expect(await show()).toBe(`200 ${CAT}`)
    expect(asked.of('head cat.jpg') - looks).toBe(2)
    expect(asked.of('get cat.jpg') - reads).toBe(0)
    expect(new Set(outcomes())).toEqual(new Set(['hit']))
  })

  it('reads an original of a folder once, and again where its date is another', async () => {
    const store = asDatedStore(openMemoryStore())
    const { show, asked, clock, outcomes } = await site({ store })
    await show()
    await clock.advance(60_000)
    for (let i = 0; i < 3; i++) expect(await show()).toBe(`200 ${CAT}`)
    expect(asked.of('get cat.jpg')).toBe(1)
    store.redate('cat.jpg')
    await clock.advance(2_000)
    for (let i = 0; i < 3; i++) expect(await show()).toBe(`200 ${CAT}`)
    expect(asked.of('get cat.jpg')).toBe(2)
    expect(
      outcomes()
        .slice(1)
        .every((outcome) => outcome === 'hit'),
    ).toBe(true)
  })

  it('reads an original that shows no mark once a minute', async () => {
    const inner = openMemoryStore()
    const unmarked: WritableStore = {
      ...inner,
      marks: 'date',
      head: async (key) => {
        const object = await inner.head(key)
        return object && { ...object, mark: undefined }
      },
      get: async (key) => {
        const object = await inner.get(key)
        return object && { ...object, mark: undefined }
      },
    }
    const { show, asked, clock } = await site({ store: unmarked })
    for (let i = 0; i < 5; i++) {
      expect(await show()).toBe(`200 ${CAT}`)
      await clock.advance(10_000)
    }
    expect(asked.of('get cat.jpg')).toBe(1)
    await clock.advance(10_000)
    await show()
    expect(asked.of('get cat.jpg')).toBe(2)
  })

  it('is rendered once for fifty who ask at the same time', async () => {
    const { show, asked, outcomes, events } = await site()
    const answers = await Promise.all(Array.from({ length: 50 }, () => show()))
    expect(new Set(answers)).toEqual(new Set([`200 ${CAT}`]))
    expect(asked.of('get cat.jpg')).toBe(1)
    expect(events.filter(({ kind }) => kind === 'rendered')).toHaveLength(1)
    expect(outcomes().filter((outcome) => outcome === 'miss')).toHaveLength(1)
  })

  it('shows what was read where the original is replaced between the look and the render', async () => {
    const store = openMemoryStore()
    const { show } = await site({
      store,
      gate: async (operation) => {
        if (operation === 'head cat.jpg answered') await putText(store, 'cat.jpg', 'a dog')
      },
    })
    expect(await show()).toBe(`200 ${picture('a dog', '85', 'jpg')}`)
  })

  it('is missing with its original, which is not looked for again at once', async () => {
    const { show, asked, store, clock } = await site()
    for (let i = 0; i < 3; i++) expect(await show('/t/3x2/none.jpg')).toMatch(/^404 .*source-missing/)
    expect(asked.of('head none.jpg')).toBe(1)
    await putText(store, 'none.jpg', 'a cat')
    await clock.advance(15_000)
    expect(await show('/t/3x2/none.jpg')).toMatch(/^200 /)
  })

  it('is a hit also while the store of its original fails, and not before it was seen', async () => {
    const state = { isDown: false }
    const down = new Problem('store-unavailable', 'It is down.')
    const { show, clock, events } = await site({
      gate: async () => {
        if (state.isDown) throw down
      },
    })
    await show()
    state.isDown = true
    await clock.advance(2_000)
    expect(await show()).toBe(`200 ${CAT}`)
    expect(await show('/t/300x200/dog.jpg')).toMatch(/^502 .*source-unavailable/)
    expect(events.filter(({ kind }) => kind === 'fetch-failed')).toHaveLength(2)
    state.isDown = false
    await clock.advance(2_000)
    expect(await show('/t/300x200/dog.jpg')).toMatch(/^404 /)
  })

  it('leaves our own keys to lead to their current version', async () => {
    const { get, key } = await site()
    const moved = await get(key('cat.jpg'))
    expect(moved.status).toBe(302)
    const there = await get(decodeURIComponent(moved.headers.get('location')?.slice(1) ?? ''))
    expect([there.status, there.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
  })

  it.each([
    ['public, max-age=60', 'public, max-age=60'],
    ['public, max-age=31536000, immutable', A_DAY],
  ])('is kept, where cacheControl is %j, by %j', async (cacheControl, kept) => {
    const { getRaw } = await site({ config: { cacheControl } })
    expect((await getRaw(URL)).headers.get('cache-control')).toBe(kept)
  })

  it('is made only as configured where only that is allowed', async () => {
    const { show } = await site({
      config: {
        sizes: { box: { width: 300, height: 200, fit: 'inside', quality: 85 } },
        serve: { allow: 'configured', fill: 'one' },
      },
    })
    expect(await show()).toBe(`200 ${CAT}`)
    expect(await show('/t/301x200/cat.jpg')).toMatch(/^404 .*transform-not-configured/)
  })

  it('has the other results of its original made ahead', async () => {
    const { show, bench, key, settle } = await site({
      config: { sizes: { small: { width: 32 } }, serve: { fill: 'siblings' } },
    })
    await show()
    const transform = `32w.q80.v-${versionOf(md5('a cat'), '')}`
    await expect
      .poll(() => getText(bench.output, key('cat.jpg', transform, 'webp')))
      .toBe(picture('a cat', '80', 'webp'))
    await settle()
  })
})
