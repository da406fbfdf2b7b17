import { expect, it } from 'vitest'
import { createCollector } from '../../src/http/collect-garbage.ts'

it('frees pictures after a few megabytes of them', async () => {
  const collect = createCollector()
  const pictures: WeakRef<Buffer>[] = []
  const serve = (): void => {
    const picture = Buffer.alloc(60_000)
    pictures.push(new WeakRef(picture))
    collect(picture.length)
  }
  for (let i = 0; i < 200; i++) {
    serve()
    // A reference is held until the end of its turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(pictures.filter((each) => each.deref() !== undefined).length).toBeLessThan(100)
})
