import { expect, it } from 'vitest'
import { createWriting } from '../../../src/app/batch/writable.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'

const fail = (code: ProblemCode) => async (): Promise<never> => {
  throw new Problem(code, 'It fails.')
}

const setUp = () => {
  const probe = { fails: undefined as ProblemCode | undefined, count: 0 }
  const writing = createWriting({
    results: {
      store: {
        place: 'x',
        probe: async () => {
          probe.count++
          if (probe.fails !== undefined) await fail(probe.fails)()
        },
      },
    } as never,
    ledger: { probeWriting: async () => {} } as never,
    recorder: { prepare: async () => {} } as never,
  })
  /** Writes that fail by these, or succeed, one after the other; whether all is over then. */
  const write = async (...codes: readonly (ProblemCode | undefined)[]): Promise<boolean> => {
    for (const code of codes)
      await writing.attempt(code === undefined ? async () => {} : fail(code)).catch(() => {})
    return writing.ended.aborted
  }
  return { probe, writing, write }
}

it('is checked once, and goes on where a failure may pass', async () => {
  const { probe, writing } = setUp()
  probe.fails = 'store-unavailable'
  await Promise.all([writing.check(), writing.check()])
  expect(probe.count).toBe(1)
  const denied = setUp()
  denied.probe.fails = 'store-denied'
  await expect(denied.writing.check()).rejects.toThrow('It fails.')
})

it('ends after three failures in a row of a place where nothing can be stored, and tries no more', async () => {
  const { probe, writing, write } = setUp()
  probe.fails = 'store-denied'
  expect(await write('store-denied', 'store-denied', undefined, 'store-denied', 'store-denied')).toBe(false)
  expect(await write('output-too-large', 'output-too-large')).toBe(false)
  expect(await write('store-denied')).toBe(true)
  let isTried = false
  const late = writing.attempt(async () => {
    isTried = true
  })
  await expect(late).rejects.toMatchObject({ code: 'store-denied' })
  expect(isTried).toBe(false)
})

it('goes on where only some writes are denied', async () => {
  const { probe, write } = setUp()
  expect([await write('store-denied', 'store-denied', 'store-denied'), probe.count]).toEqual([false, 1])
  expect([await write('store-denied', 'store-denied'), probe.count]).toEqual([false, 1])
})

it('ends on a full disk though small files fit, without a look', async () => {
  const { probe, writing, write } = setUp()
  expect(await write('store-full', undefined, 'store-full', undefined)).toBe(false)
  expect([await write('store-full'), probe.count]).toEqual([true, 0])
  expect(writing.ended.reason).toMatchObject({
    code: 'store-full',
    message: expect.stringContaining('No space'),
  })
})

it.each([
  ['store-denied', 'store-denied', true],
  ['store-denied', undefined, false],
  ['store-full', 'store-full', false],
  ['image-corrupt', 'store-denied', false],
] as const)(
  'ends at once, or not, by %s of other work where a look shows %s',
  async (code, fails, isOver) => {
    const { probe, writing } = setUp()
    probe.fails = fails
    await writing.doubt(new Problem(code, 'It fails.'))
    expect(writing.ended.aborted).toBe(isOver)
  },
)
