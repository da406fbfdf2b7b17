import { describe, expect, it } from 'vitest'
import { createTextRenderer, openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

/** An upgrade of the encoders is a choice: what they made shows the same picture still. */
describe('results of other encoders', () => {
  const open = async () => {
    const source = openMemoryStore()
    const output = openMemoryStore()
    await putText(source, 'a.jpg', 'a')
    await openBench({ source, output }).build()
    const renderer = {
      ...createTextRenderer(),
      encoderVersion: (format: string) => (format === 'webp' ? 'text 2' : 'text 1'),
    }
    return openBench({ source, output, renderer })
  }
  const keeps = async (bench: Awaited<ReturnType<typeof open>>, rerenderOtherEncoders: boolean) => {
    const rules = { ...bench.rules, encoderOf: bench.renderer.encoderVersion, rerenderOtherEncoders }
    bench.events.length = 0
    await bench.build({ rules })
    const planned = bench.events.flatMap((event) => (event.kind === 'source-planned' ? event.steps : []))
    return {
      others: planned.filter((step) => step.kind === 'keep' && step.isOtherEncoder).length,
      stored: bench.events.filter(({ kind }) => kind === 'result-stored').length,
    }
  }

  it('are kept, and counted', async () => {
    expect(await keeps(await open(), false)).toEqual({ others: 2, stored: 0 })
  })

  it('are made again on request, those of the encoder that changed alone, and once', async () => {
    const bench = await open()
    expect(await keeps(bench, true)).toEqual({ others: 0, stored: 2 })
    expect(await keeps(bench, true)).toEqual({ others: 0, stored: 0 })
  })
})
