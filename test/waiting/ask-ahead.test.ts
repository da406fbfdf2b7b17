import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { askAhead } from '../../src/waiting/concurrency.ts'

/** Numbers from 1 on, with how many have been requested. */
const source = (last: number, broken?: number) => {
  const seen = { asked: 0 }
  const numbers = async function* () {
    for (let number = 1; number <= last; number++) {
      seen.asked = number
      await turn()
      if (number === broken) throw new Error(`broken at ${number}`)
      yield number
    }
  }
  return { seen, numbers: numbers() }
}

describe('what is asked for ahead', () => {
  it.each([1, 2, 3, 20])('comes whole and in order, with %i requested ahead', async (most) => {
    const read: number[] = []
    for await (const number of askAhead(source(5).numbers, most)) read.push(number)
    expect(read).toEqual([1, 2, 3, 4, 5])
  })

  it('is requested before it is needed, and no more than was said', async () => {
    const { seen, numbers } = source(10)
    const ahead = askAhead(numbers, 3)
    for (let i = 0; i < 20; i++) await turn()
    expect(seen.asked).toBe(3)
    expect((await ahead.next()).value).toBe(1)
    for (let i = 0; i < 20; i++) await turn()
    expect(seen.asked).toBe(4)
  })

  it('breaks where its source breaks, after all that came before', async () => {
    const read: number[] = []
    const reading = async (): Promise<void> => {
      for await (const number of askAhead(source(10, 4).numbers, 3)) read.push(number)
    }
    await expect(reading()).rejects.toThrow('broken at 4')
    expect(read).toEqual([1, 2, 3])
  })

  it('does no harm where it breaks and nobody reads on', async () => {
    const ahead = askAhead(source(10, 2).numbers, 3)
    expect((await ahead.next()).value).toBe(1)
    await ahead.return(undefined)
    for (let i = 0; i < 20; i++) await turn()
  })
})
