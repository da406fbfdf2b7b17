import { describe, expect, it } from 'vitest'
import { createBatches } from '../../../src/app/origin/batches.ts'
import type { AnswerEvent } from '../../../src/app/origin/event.ts'
import { createStoredPictures } from '../../../src/app/origin/stored-pictures.ts'
import { createUploads, type Upload } from '../../../src/app/origin/uploads.ts'
import { md5 } from '../../../src/app/results.ts'
import { getText, openBench, putText } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { toTransform } from '../../support/parsed.ts'

const setUp = (maxBytes: number) => {
  const bench = openBench()
  const clock = createManualClock()
  const events: AnswerEvent[] = []
  const tell = (event: AnswerEvent): void => void events.push(event)
  const stored = createStoredPictures({ store: bench.output, hotBytes: 0, now: clock.now })
  const batches = createBatches(bench.ledger.record(), clock, tell)
  const uploads = createUploads({ results: bench.results, batches, stored, maxBytes, clock, tell })
  const uploadOf = (source: string, sizeBytes: number): Upload => {
    const transform = toTransform('320w.q80')
    const key = bench.keyring.keyOf({ source: source as never, transform, format: 'webp' })
    const bytes = new Uint8Array(sizeBytes)
    const facts = { transform: '320w.q80', format: 'webp', fingerprint: 'f', recipe: 'r' } as const
    const origin = { ...facts, encoder: 'e', maker: 'serve' } as const
    return { key, source: source as never, bytes, md5: md5(bytes), renderedAt: 0, origin }
  }
  return { bench, uploads, clock, uploadOf, kinds: () => events.map(({ kind }) => kind) }
}

describe('results that are stored after their answer', () => {
  it('make room for the next once they are stored, the oldest first, and else for two seconds are shown from memory', async () => {
    const { uploads, clock, uploadOf, kinds } = setUp(1_000)
    const [first, second, third] = ['a.jpg', 'b.jpg', 'c.jpg'].map((source) => uploadOf(source, 400))
    if (first === undefined || second === undefined || third === undefined) throw new Error('three')
    for (const upload of [first, second]) {
      uploads.add(upload)
      await uploads.outcome(upload.key)
      expect(uploads.find(upload.key)).toBe(upload)
    }
    await expect.poll(() => uploads.waiting).toBe(0)
    uploads.add(third)
    expect(uploads.find(first.key)).toBeUndefined()
    expect(uploads.find(second.key)).toBe(second)
    await uploads.outcome(third.key)
    await clock.advance(2_000)
    expect([second, third].map(({ key }) => uploads.find(key))).toEqual([undefined, undefined])
    expect(await uploads.outcome(third.key)).toBeUndefined()
    expect(kinds()).toEqual(['stored', 'stored', 'stored'])
    // What was forgotten is counted once: all of the memory is free.
    uploads.add(uploadOf('d.jpg', 1_000))
    uploads.add(uploadOf('e.jpg', 1))
    await uploads.outcome(uploadOf('d.jpg', 0).key)
    expect(kinds()).toEqual(['stored', 'stored', 'stored', 'store-failed', 'stored'])
  })

  it('are told to be lost at a close that is cut short, and those that are stored are not', async () => {
    const { uploads, clock, uploadOf, kinds } = setUp(1_000)
    const stored = uploadOf('a.jpg', 1)
    uploads.add(stored)
    await expect.poll(() => uploads.waiting).toBe(0)
    uploads.add(uploadOf('b.jpg', 1))
    const cut = new Error('cut short')
    await expect(uploads.close(AbortSignal.abort(cut))).rejects.toBe(cut)
    expect(kinds()).toEqual(['stored', 'store-failed'])
    await clock.advance(0)
    expect(uploads.find(stored.key)).toBeUndefined() // no timer keeps the process
  })

  it('never take the place of what somebody else has stored', async () => {
    const { bench, uploads, uploadOf } = setUp(1_000)
    const upload = uploadOf('a.jpg', 1)
    await putText(bench.output, upload.key, 'first')
    uploads.add(upload)
    expect(await uploads.outcome(upload.key)).toBeUndefined()
    expect(await getText(bench.output, upload.key)).toBe('first')
  })

  it('are refused while those that wait to be stored take all of the memory', async () => {
    const { uploads, uploadOf, kinds } = setUp(1_000)
    const waiting = uploadOf('a.jpg', 700)
    uploads.add(waiting)
    uploads.add(waiting) // is nothing new
    uploads.add(uploadOf('b.jpg', 400))
    expect(kinds()).toEqual(['store-failed'])
    expect(uploads.find(waiting.key)).toBe(waiting)
    await uploads.outcome(waiting.key)
    expect(kinds()).toEqual(['store-failed', 'stored'])
  })
})
