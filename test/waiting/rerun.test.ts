import { expect, it } from 'vitest'
import { createRerun } from '../../src/waiting/rerun.ts'

it('runs once more for all who asked meanwhile, also where the run before failed', async () => {
  const ends: (() => void)[] = []
  let runs = 0
  const rerun = createRerun(async () => {
    runs++
    await new Promise<void>((end) => ends.push(end))
    if (runs === 1) throw new Error('the first')
  })
  const first = rerun()
  await Promise.resolve()
  const others = [rerun(), rerun(), rerun()]
  expect(runs).toBe(1)
  ends[0]?.()
  await expect(first).rejects.toThrow('the first')
  await Promise.resolve()
  expect(runs).toBe(2)
  ends[1]?.()
  await Promise.all(others)
  expect(runs).toBe(2)
})
