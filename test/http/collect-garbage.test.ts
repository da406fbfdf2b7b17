import { expect, it } from 'vitest'
import { createCollector } from '../../src/http/collect-garbage.ts'

it('frees pictures after a few megabytes of them', async () => {
  const collect = createCollector()
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let i = 0; i < 500; i++) {
    collect(Buffer.alloc(60_000).length)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    await new Promise((resolve) => setImmediate(resolve)) // what a turn refers to is not garbage
  }
  // All together are 30 MB.
  expect(most).toBeLessThan(10_000_000)
})
