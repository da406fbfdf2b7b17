import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import type { Renderer } from '../../src/render/port.ts'
import { cpuSecondsOfChildren } from '../support/children.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { watchResident } from '../support/resident.ts'
import { TORMENTS } from '../support/torture/corpus.ts'
import { ask, LIMITS, openTestRenderer, photo, QUICK, renderOne } from './support.ts'

const MEGABYTE = 1024 * 1024
const MEMORY_BYTES = 256 * MEGABYTE
const PROCESSES = 2
/** What docs/guides/sizing.md says that a process has beside pictures. */
const OWN_BYTES = 96 * MEGABYTE
/** CPU of render processes: on a quiet machine all but those that run into the time limit take less than half of one. */
const MOST_SECONDS = 4

const open = (renderTimeoutMs: number): Renderer =>
  openTestRenderer({
    threads: PROCESSES,
    memoryBytes: MEMORY_BYTES,
    limits: { ...LIMITS, renderTimeoutMs },
  })

let renderer: Renderer
let ordinary: Buffer
beforeAll(async () => {
  renderer = open(100_000)
  ordinary = await photo(300, 200).jpeg().toBuffer()
})
afterAll(() => renderer.close())

/** What becomes of a picture at a size. */
const outcomeOf = async (
  renderer: Renderer,
  bytes: Uint8Array,
  asked: string,
): Promise<Problem | 'shown'> => {
  try {
    const { outputs } = await renderer.render({ bytes, outputs: [ask(asked)], encoders: QUICK })
    const [output] = outputs
    return output instanceof Problem ? output : 'shown'
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

const torment = async (
  renderer: Renderer,
  expected: string,
  make: () => Buffer | Promise<Buffer>,
): Promise<void> => {
  const [code = '', width = '1600'] = expected.split(' at ')
  const bytes = await make()
  const resident = watchResident()
  const [outcome, beside] = await Promise.all([
    outcomeOf(renderer, bytes, `${width}w.q80 webp`),
    renderOne(renderer, ordinary, '120w.q80 webp'),
  ])
  const peakBytes = await resident.end()
  expect(outcome === 'shown' ? outcome : outcome.code).toBe(code)
  expect([beside.width, beside.height]).toEqual([120, 80])
  // How far it comes before it is stopped depends on the machine: `watch-memory.test.ts` holds when that is.
  if (outcome !== 'shown' && outcome.message.startsWith('The picture took over')) return
  expect(peakBytes / MEGABYTE).toBeLessThan((MEMORY_BYTES * 1.5 + OWN_BYTES * PROCESSES) / MEGABYTE)
}

/** A tormented process must do its work, or be ended by a short time limit. */
const tormentInTime = async (expected: string, make: () => Buffer | Promise<Buffer>): Promise<void> => {
  if (expected === 'render-timeout') {
    const impatient = open(4_000)
    return torment(impatient, expected, make).finally(() => impatient.close())
  }
  await expectCpuWithin(MOST_SECONDS, () => torment(renderer, expected, make), cpuSecondsOfChildren)
}

for (const [kind, torments] of Object.entries(TORMENTS))
  describe(`${kind} takes neither time, nor memory, nor an ordinary picture's turn:`, () => {
    for (const [expected, files] of Object.entries(torments))
      it.each(Object.entries(files))(`%s: ${expected}`, (_, make) => tormentInTime(expected, make))
  })

describe('after all of them', () => {
  it('there is room for as many as before', async () => {
    const all = await Promise.all(
      [100, 110, 120, 130].map((width) => renderOne(renderer, ordinary, `${width}w.q80 webp`)),
    )
    expect(all.map(({ width }) => width)).toEqual([100, 110, 120, 130])
  })
})
