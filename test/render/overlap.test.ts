import { describe, expect, it } from 'vitest'
import { openOverlap } from '../../src/render/overlap.ts'

/** Work that ends when it is told to, and counts what is under way. */
const createPieces = () => {
  const running = new Map<string, { end(): void; fail(error: Error): void }>()
  let most = 0
  return {
    running: () => [...running.keys()],
    most: () => most,
    end: (name: string) => running.get(name)?.end(),
    fail: (name: string, error: Error) => running.get(name)?.fail(error),
    work: (name: string) => () =>
      new Promise<void>((resolve, reject) => {
        const leave = (then: () => void) => () => {
          running.delete(name)
          then()
        }
        running.set(name, { end: leave(resolve), fail: (error) => leave(() => reject(error))() })
        most = Math.max(most, running.size)
      }),
  }
}

const tick = (): Promise<void> => new Promise((done) => setImmediate(done))

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false
  promise.finally(() => (settled = true)).catch(() => {})
  await tick()
  return settled
}

describe('overlapping work', () => {
  it('is one thing after another where one may run at once', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(1)
    const first = overlap.begin(pieces.work('a'))
    expect(await isSettled(first)).toBe(false)
    pieces.end('a')
    await first
    expect(pieces.running()).toEqual([])
  })

  it('goes on while one of two is still running, and never begins a third', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(2)
    await overlap.begin(pieces.work('a'))
    const second = overlap.begin(pieces.work('b'))
    expect(await isSettled(second)).toBe(false)
    pieces.end('a')
    await second
    const third = overlap.begin(pieces.work('c'))
    pieces.end('c')
    await third
    const end = overlap.end()
    expect(await isSettled(end)).toBe(false)
    pieces.end('b')
    await end
    expect(pieces.most()).toBe(2)
  })

  it('fails with the first failure, once nothing runs any more', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(2)
    await overlap.begin(pieces.work('a'))
    const second = overlap.begin(pieces.work('b'))
    pieces.fail('b', new Error('no pixels'))
    await expect(second).rejects.toThrow('no pixels')
    const end = overlap.end()
    expect(await isSettled(end)).toBe(false)
    pieces.fail('a', new Error('too late'))
    await expect(end).rejects.toThrow('no pixels')
  })

  it('begins nothing more once something has failed', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(2)
    await overlap.begin(pieces.work('a'))
    pieces.fail('a', new Error('no pixels'))
    await tick()
    await expect(overlap.begin(pieces.work('b'))).rejects.toThrow('no pixels')
    expect(pieces.running()).toEqual([])
  })
})
