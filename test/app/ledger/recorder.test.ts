import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLedger } from '../../../src/app/ledger/ledger.ts'
import { createRecorder } from '../../../src/app/ledger/recorder.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { listKeys } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { collect } from '../../support/streams.ts'

const say = (source: string, text: string): LedgerEntry => ({
  ...emptyEntry(source),
  failures: [{ fingerprint: text, code: 'c', message: 'm', attempt: 'a' }],
})

/** A ledger whose store fails its writes as told. */
const site = (isFailing: (put: number) => ProblemCode | undefined) => {
  const inner = openMemoryStore()
  let puts = 0
  let reserved = 0
  const store: WritableStore = {
    ...inner,
    put: async (...given) => {
      const code = isFailing(puts++)
      if (code !== undefined) throw new Problem(code, 'Not now.')
      return inner.put(...given)
    },
    reserve: async () => {
      reserved++
      return async () => void reserved--
    },
  }
  let ids = 0
  const options = { store, prefix: '', now: () => 1_700_000_000_000, tell: () => {} }
  const ledger = createLedger({ ...options, newId: () => `${ids++}` })
  const heard = async (): Promise<readonly string[]> => {
    const entries = await collect((await ledger.open()).entries())
    return entries.flatMap(({ source, failures }) => failures.map((each) => `${source} ${each.fingerprint}`))
  }
  return { ledger, heard, reserved: () => reserved, parts: () => listKeys(inner, 'ledger/') }
}

describe('what is recorded', () => {
  it('is told as unwritten until it is in the ledger, and not once it is', async () => {
    const { ledger } = site(() => undefined)
    const recorder = ledger.record()
    await recorder.add(say('a.jpg', 'early'))
    const flushing = recorder.flush()
    for (let turn = 0; turn < 5; turn++) await Promise.resolve() // it has begun, and nothing is written yet
    await recorder.add(say('a.jpg', 'meanwhile'))
    const textsOf = () =>
      recorder.unwritten('a.jpg').flatMap(({ failures }) => failures.map((each) => each.fingerprint))
    expect(textsOf()).toEqual(['early', 'meanwhile'])
    await flushing
    expect(textsOf()).toEqual(['meanwhile'])
  })

  it('is written by the next flush where one has failed, with what has come meanwhile', async () => {
    const { ledger, heard, parts } = site((put) => (put < 2 ? 'store-unavailable' : undefined))
    const recorder = ledger.record()
    await recorder.add(say('b.jpg', 'early'))
    await recorder.add(say('a.jpg', 'early'))
    const failing = recorder.flush()
    await recorder.add(say('a.jpg', 'meanwhile'))
    await expect(failing).rejects.toMatchObject({ code: 'store-unavailable' })
    await expect(recorder.flush()).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await heard()).toEqual([])
    await recorder.flush()
    // In the order of sources, which every reader relies on.
    expect([...(await heard())]).toEqual(['a.jpg early', 'a.jpg meanwhile', 'b.jpg early'])
    await recorder.flush()
    expect(await parts()).toHaveLength(1)
  })

  it('is in the ledger once a flush that began after it has ended, whichever others fail', async () => {
    const step = fc.constantFrom('add', 'add', 'flush', 'wait')
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 20 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (steps, failures) => {
          const { ledger, heard } = site((put) => (failures[put] ? 'store-unavailable' : undefined))
          const recorder = ledger.record()
          const said: string[] = []
          const flushes: Promise<void>[] = []
          for (const [i, deed] of steps.entries()) {
            if (deed === 'add') {
              await recorder.add(say(`${i % 3}.jpg`, `${i}`))
              said.push(`${i % 3}.jpg ${i}`)
            } else if (deed === 'wait') await Promise.allSettled(flushes)
            else {
              const before = [...said]
              const flushed = recorder.flush().then(async () => {
                expect(await heard()).toEqual(expect.arrayContaining(before))
              })
              flushes.push(flushed.catch((error: unknown) => expect(error).toBeInstanceOf(Problem)))
            }
          }
          await Promise.all(flushes)
          for (let i = 0; i <= failures.length; i++) await recorder.flush().catch(() => {})
          expect([...(await heard())].sort()).toEqual(said.sort())
        },
      ),
    )
  })

  it('goes into the room that was set aside for the end, and only where the disk is full', async () => {
    for (const [code, isWritten] of [
      ['store-full', true],
      ['store-unavailable', false],
    ] as const) {
      const { ledger, heard, reserved } = site((put) => (put === 0 ? code : undefined))
      const recorder = ledger.record()
      await recorder.prepare()
      expect(reserved()).toBe(1)
      await recorder.add(say('a.jpg', 'last'))
      const ending = recorder.end()
      if (isWritten) await ending
      else await expect(ending).rejects.toMatchObject({ code })
      expect(await heard()).toEqual(isWritten ? ['a.jpg last'] : [])
      expect(reserved()).toBeLessThan(1)
    }
  })

  it('is written by itself where much has come together', async () => {
    const { ledger, heard } = site(() => undefined)
    const recorder = ledger.record()
    for (let i = 0; i < 4_999; i++) await recorder.add(say(`${i}.jpg`, 'x'))
    await recorder.add(say('0.jpg', 'again'))
    expect(await heard()).toHaveLength(0)
    await recorder.add(say('4999.jpg', 'x'))
    expect(await heard()).toHaveLength(5_001)
  })
})

it('stands once it is written, whatever becomes of what comes after, of which bugs are told', async () => {
  const store = openMemoryStore()
  let ids = 0
  const options = { store, prefix: '', now: () => 1_700_000_000_000, newId: () => `${ids++}`, tell: () => {} }
  const recordWith = async (error: Error): Promise<void> => {
    const recorder = createRecorder(options, () => Promise.reject(error))
    await recorder.add(say('a.jpg', 'early'))
    await recorder.flush()
  }
  await recordWith(new Problem('store-unavailable', 'Not now.'))
  await expect(recordWith(new Error('a bug'))).rejects.toThrow('a bug')
  expect(await listKeys(store, '')).not.toEqual([])
})
