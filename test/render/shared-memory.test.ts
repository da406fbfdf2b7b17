import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { type MemoryShare, openSharedMemory } from '../../src/render/shared-memory.ts'
import { openWait } from '../../src/waiting/time-limit.ts'
import { createManualClock } from '../support/manual-clock.ts'

const SIZE = 100
const wait = openWait(createManualClock(), { onTimeout: () => new Error('too late') })

/** Tasks that share a hundred bytes, and the names of those that were to be ended. */
const share = () => {
  const memory = openSharedMemory(SIZE)
  const ended: string[] = []
  const open = async (name: string, bytes: number): Promise<MemoryShare> => {
    const task = memory.open(({ code }) => ended.push(`${name} ${code}`))
    await task.take(bytes, wait)
    return task
  }
  return { memory, ended, open }
}

describe('shared memory', () => {
  it('refuses what is more than all of it, at once', async () => {
    const { open, memory } = share()
    await open('one', SIZE)
    const code = await memory
      .open(() => {})
      .take(SIZE + 1, wait)
      .catch((error: unknown) => error instanceof Problem && error.code)
    expect(code).toBe('too-large-for-memory')
  })

  it('ends the task that has outgrown its prediction most, once all hold half more than there is', async () => {
    const { open, ended } = share()
    const [within, little, much] = [
      await open('within', 60),
      await open('little', 20),
      await open('much', 10),
    ]
    within.see(60)
    little.see(45)
    much.see(40)
    expect(ended).toEqual([])
    much.see(66)
    expect(ended).toEqual(['much too-large-for-memory'])
  })

  it('ends whoever holds all of it and more, though another has outgrown its prediction by more', async () => {
    const { open, ended } = share()
    const [all, other] = [await open('all', 90), await open('other', 10)]
    other.see(50)
    all.see(151)
    expect(ended).toEqual(['all too-large-for-memory'])
  })

  it('says whether a task had to wait for more than it had', async () => {
    const { memory, open } = share()
    const [one, other] = [await open('one', 70), memory.open(() => {})]
    expect(await one.take(60, wait)).toBe(false)
    expect(other.tryTake(30)).toBe(true)
    const taking = other.take(50, wait)
    one.close()
    expect(await taking).toBe(true)
  })

  it('lets go of what a task had before it takes again, and when it has gone', async () => {
    const { open } = share()
    const one = await open('one', 80)
    await one.take(90, wait)
    one.close()
    const all = await open('all', SIZE)
    let isGranted = false
    const later = open('later', 1).then(() => {
      isGranted = true
    })
    await new Promise((done) => setImmediate(done))
    expect(isGranted).toBe(false)
    all.close()
    await later
  })
})
