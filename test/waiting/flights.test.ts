import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFlights, type Flights } from '../../src/waiting/flights.ts'

/** Work that ends when it is told to, and when its signal aborts unless it is deaf. */
interface Work {
  readonly signal: AbortSignal
  land(): void
  crash(): void
}

const site = ({ isDeaf = false } = {}) => {
  const flights: Flights<Work> = createFlights()
  const works: Work[] = []
  const start = (signal: AbortSignal): Promise<Work> =>
    new Promise((resolve, reject) => {
      const work: Work = { signal, land: () => resolve(work), crash: () => reject(new Error('crashed')) }
      if (!isDeaf) signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      works.push(work)
    })
  const visit = (key = 'key') => {
    const leaving = new AbortController()
    const result = flights.join(key, leaving.signal, start)
    result.catch(() => {}) // looked at later
    return { result, leave: () => leaving.abort(new Error('left')) }
  }
  return { flights, works, visit, start }
}

describe('work that several want', () => {
  it('is done once for all who come meanwhile, and for each key', async () => {
    const { flights, works, visit } = site()
    const visits = [visit(), visit(), visit()]
    const other = visit('another key')
    expect([works.length, flights.size]).toEqual([2, 2])
    works[0]?.land()
    expect(new Set(await Promise.all(visits.map(({ result }) => result)))).toEqual(new Set([works[0]]))
    expect(flights.size).toBe(1)
    works[1]?.land()
    expect(await other.result).toBe(works[1])
  })

  it.each(['land', 'crash'] as const)(
    'is done anew for who comes when it is over, after a %s',
    async (end) => {
      const { flights, works, visit } = site()
      const first = visit()
      works[0]?.[end]()
      expect(await first.result.catch(({ message }: Error) => message)).toBe(
        end === 'land' ? works[0] : 'crashed',
      )
      expect(flights.size).toBe(0)
      const second = visit()
      expect(works).toHaveLength(2)
      works[1]?.land()
      expect(await second.result).toBe(works[1])
      expect(flights.size).toBe(0)
    },
  )

  it('is done anew for who comes from the very moment it is over, and those who waited do not end that', async () => {
    for (let moments = 1; moments < 10; moments++) {
      const { flights, works, visit } = site()
      const early = [visit(), visit()]
      works[0]?.land()
      for (let i = 0; i < moments; i++) await Promise.resolve()
      const late = visit()
      await Promise.all(early.map(({ result }) => result))
      expect([works.length, flights.size], `${moments}`).toEqual([2, 1])
      const later = visit()
      works[1]?.land()
      expect(await Promise.all([late.result, later.result]), `${moments}`).toEqual([works[1], works[1]])
    }
  })

  it('goes on while one waits for it, whoever else leaves', async () => {
    for (const staying of [0, 1, 2]) {
      const { works, visit } = site()
      const visits = [visit(), visit(), visit()]
      for (const [index, { leave, result }] of visits.entries()) {
        if (index === staying) continue
        leave()
        await expect(result).rejects.toThrow('left')
        await turn()
      }
      expect(works[0]?.signal.aborted).toBe(false)
      works[0]?.land()
      expect(await visits[staying]?.result).toBe(works[0])
    }
  })

  it.each([false, true])(
    'is told to end when the last one has left, and begun anew by the next (deaf: %s)',
    async (isDeaf) => {
      const { flights, works, visit } = site({ isDeaf })
      const first = visit()
      first.leave()
      await expect(first.result).rejects.toThrow('left')
      expect([works[0]?.signal.aborted, flights.size]).toEqual([true, 0])
      const second = visit()
      works[0]?.land() // too late, and heard by nobody
      await turn()
      expect([works.length, flights.size]).toEqual([2, 1])
      const third = visit()
      expect(works).toHaveLength(2)
      works[1]?.land()
      expect(await Promise.all([second.result, third.result])).toEqual([works[1], works[1]])
    },
  )

  it('is not begun for one who has left before', async () => {
    const { flights, works, start } = site()
    const reason = new Error('left')
    await expect(flights.join('key', AbortSignal.abort(reason), start)).rejects.toBe(reason)
    expect([works.length, flights.size]).toEqual([0, 0])
  })

  it('is under way exactly while somebody waits, whoever comes, goes and crashes', async () => {
    const step = fc.record({ deed: fc.constantFrom('come', 'leave', 'land', 'crash'), which: fc.nat(9) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { flights, works, visit } = site()
        const waiting = new Map<ReturnType<typeof visit>, Work>()
        const ended = new Set<Work>()
        for (const { deed, which } of steps) {
          const [visitor, work] = [...waiting][which % waiting.size] ?? []
          const current = [...waiting.values()][0]
          if (deed === 'come') {
            const came = visit()
            const joined = works.at(-1)
            expect(joined).toBe(current ?? joined)
            if (joined === undefined || ended.has(joined)) throw new Error('joined what is over')
            waiting.set(came, joined)
          } else if (visitor !== undefined && work !== undefined) {
            if (deed === 'leave') {
              visitor.leave()
              waiting.delete(visitor)
              await expect(visitor.result).rejects.toThrow('left')
              if (waiting.size === 0) ended.add(work)
            } else {
              work[deed]()
              ended.add(work)
              for (const each of waiting.keys()) {
                const outcome = await each.result.catch(({ message }: Error) => message)
                expect(outcome).toBe(deed === 'land' ? work : 'crashed')
              }
              waiting.clear()
            }
          }
          expect(flights.size).toBe(waiting.size > 0 ? 1 : 0)
          for (const each of waiting.values()) expect(each.signal.aborted).toBe(false)
        }
      }),
      { numRuns: 200 },
    )
  })
})
