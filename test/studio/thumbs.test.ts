import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createThumbQueue } from '../../src/studio/thumbs.ts'

/** Loads that end when they are told to. */
const openLoads = () => {
  const under = new Map<string, { end: (thumb: string) => void; fail: () => void; signal: AbortSignal }>()
  const freed: string[] = []
  const queue = createThumbQueue<string>({
    atOnce: 2,
    most: 2,
    free: (thumb) => freed.push(thumb),
    load: (source, signal) =>
      new Promise((resolve, reject) => {
        under.set(source, { end: resolve, fail: () => reject(new Error('no')), signal })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })
  return { under, freed, queue }
}

it('asks for few at once, the others in their turn', async () => {
  const { under, queue } = openLoads()
  const done: unknown[] = []
  for (const source of ['a', 'b', 'c']) queue.request(source, (thumb) => done.push(thumb))
  expect([...under.keys()]).toEqual(['a', 'b'])
  under.get('b')?.end('B')
  await turn()
  expect([...under.keys()]).toEqual(['a', 'b', 'c'])
  expect(done).toEqual(['B'])
})

it('asks no more for what has left, under way or waiting', async () => {
  const { under, queue } = openLoads()
  const done: unknown[] = []
  const leave = ['a', 'b', 'c', 'd'].map((source) => queue.request(source, (thumb) => done.push(thumb)))
  leave[2]?.()
  leave[0]?.()
  expect(under.get('a')?.signal.aborted).toBe(true)
  await turn()
  expect([...under.keys()]).toEqual(['a', 'b', 'd'])
  expect(done).toEqual([])
})

it('says that one could not be had, and goes on', async () => {
  const { under, queue } = openLoads()
  const done: unknown[] = []
  for (const source of ['a', 'b', 'c']) queue.request(source, (thumb) => done.push(thumb))
  under.get('a')?.fail()
  await turn()
  expect(done).toEqual([undefined])
  expect(under.has('c')).toBe(true)
})

it('holds those that were looked at last, and frees the others', async () => {
  const { under, freed, queue } = openLoads()
  for (const source of ['a', 'b', 'c']) {
    queue.request(source, () => {})
    under.get(source)?.end(source.toUpperCase())
    await turn()
    if (source === 'b') expect(queue.held('a')).toBe('A')
  }
  expect([queue.held('a'), queue.held('b'), queue.held('c')]).toEqual(['A', undefined, 'C'])
  expect(freed).toEqual(['B'])
  queue.clear()
  expect(freed).toEqual(['B', 'A', 'C'])
})
