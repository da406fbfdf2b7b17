import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import type { Renderer } from '../../src/render/port.ts'
import { watchResident } from '../support/resident.ts'
import { TORMENTS } from '../support/torture/corpus.ts'
import { ask, LIMITS, openTestRenderer, photo, QUICK, renderOne } from './support.ts'

const MEGABYTE = 1024 * 1024
const MEMORY_BYTES = 256 * MEGABYTE
const PROCESSES = 2
/** What docs/guides/sizing.md says that a process has beside pictures. */
const OWN_BYTES = 96 * MEGABYTE
const TIMEOUT_MS = 4_000
/** Of a busy machine; on a quiet one all but those that run into the limit take less than half a second. */
const PATIENCE_MS = TIMEOUT_MS + 6_000

let renderer: Renderer
let ordinary: Buffer
beforeAll(async () => {
  renderer = openTestRenderer({
    threads: PROCESSES,
    memoryBytes: MEMORY_BYTES,
    limits: { ...LIMITS, renderTimeoutMs: TIMEOUT_MS },
  })
  ordinary = await photo(300, 200).jpeg().toBuffer()
})
afterAll(() => renderer.close())

/** What becomes of a picture at a size. */
const outcomeOf = async (bytes: Uint8Array, asked: string): Promise<string> => {
  try {
    const { outputs } = await renderer.render({ bytes, outputs: [ask(asked)], encoders: QUICK })
    const [output] = outputs
    return output instanceof Problem ? output.code : 'shown'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

const torment = async (expected: string, make: () => Buffer | Promise<Buffer>): Promise<void> => {
  const [code = '', width = '1600'] = expected.split(' at ')
  const bytes = await make()
  const resident = watchResident()
  const startedAt = performance.now()
  const [outcome, beside] = await Promise.all([
    outcomeOf(bytes, `${width}w.q80 webp`),
    renderOne(renderer, ordinary, '120w.q80 webp'),
  ])
  const elapsedMs = performance.now() - startedAt
  const peakBytes = await resident.end()
  expect(outcome).toBe(code)
  expect([beside.width, beside.height]).toEqual([120, 80])
  expect(elapsedMs).toBeLessThan(PATIENCE_MS)
  expect(peakBytes / MEGABYTE).toBeLessThan((MEMORY_BYTES * 1.5 + OWN_BYTES * PROCESSES) / MEGABYTE)
}

for (const [kind, torments] of Object.entries(TORMENTS))
  describe(`${kind} takes neither time, nor memory, nor an ordinary picture's turn:`, () => {
    for (const [expected, files] of Object.entries(torments))
      it.each(Object.entries(files))(`%s: ${expected}`, (_, make) => torment(expected, make))
  })

describe('after all of them', () => {
  it('there is room for as many as before', async () => {
    const startedAt = performance.now()
    const all = await Promise.all(
      [100, 110, 120, 130].map((width) => renderOne(renderer, ordinary, `${width}w.q80 webp`)),
    )
    expect(all.map(({ width }) => width)).toEqual([100, 110, 120, 130])
    expect(performance.now() - startedAt).toBeLessThan(3_000)
  })
})
