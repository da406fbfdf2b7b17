import { describe, expect, it } from 'vitest'
import { verify } from '../../../src/app/batch/verify.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { Renderer } from '../../../src/render/port.ts'
import { createTextRenderer, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

/** Results that say of what size and format they are. */
const RENDERER: Renderer = {
  ...createTextRenderer(),
  render: async (request) => {
    const report = await createTextRenderer().render(request)
    const outputs = request.outputs.map(({ transform: { resize }, format }) => {
      const width = resize.kind === 'width' ? resize.width : 0
      return { bytes: Buffer.from(`${width}x${width / 2} ${format}`), width, height: width / 2 }
    })
    return { ...report, outputs }
  },
  check: async (bytes) => {
    const [, width, height, format] = /^(\d+)x(\d+) (\w+) ?$/.exec(Buffer.from(bytes).toString()) ?? []
    return {
      mediaFormat: format === 'jpg' ? 'jpeg' : `${format}`,
      width: Number(width),
      height: Number(height),
    }
  },
}

const openSite = async (output = openMemoryStore()) => {
  const source = openMemoryStore()
  for (const key of ['a.jpg', 'b.jpg']) await putText(source, key, key)
  await openBench({ source, output, renderer: RENDERER }).build()
  const run = (fail: (operation: string) => void = () => {}) => {
    const gated = asGatedStore(output, async (operation) => fail(operation))
    const bench = openBench({ source, output: gated, renderer: RENDERER })
    return verify({ ...bench.planInput(), ledger: bench.ledger, renderer: RENDERER, threads: 2 })
  }
  return { source, output, run }
}

describe('verify', () => {
  it('goes on where a result cannot be read, and says which and why', async () => {
    const { run } = await openSite()
    expect(await run()).toEqual({ checked: 8, bad: [] })
    const found = await run((operation) => {
      if (/^get a\.jpg\/640w.*webp$/.test(operation)) throw new Problem('store-denied', 'It is locked.')
      if (/^get b\.jpg\/320w.*jpg$/.test(operation))
        throw new Problem('store-unavailable', 'The disk failed (EIO).')
    })
    expect(found.checked).toBe(8)
    expect([...found.bad].sort((a, b) => (a.key < b.key ? -1 : 1))).toMatchObject([
      { key: expect.stringMatching(/^a\.jpg\/640w/), code: 'store-denied', message: 'It is locked.' },
      { key: expect.stringMatching(/^b\.jpg\/320w/), code: 'store-unavailable' },
    ])
  })

  it('ends where the whole store is gone', async () => {
    const { run } = await openSite()
    const gone = run((operation) => {
      if (operation.startsWith('get a.jpg/')) throw new Problem('store-missing', 'It is gone.')
    })
    await expect(gone).rejects.toMatchObject({ code: 'store-missing' })
  })

  it('tells results that nothing can make again from others', async () => {
    const { source, run } = await openSite()
    await source.deleteAll(['a.jpg'])
    const { bad } = await run((operation) => {
      if (/^get .*640w.*webp$/.test(operation)) throw new Problem('store-denied', 'It is locked.')
    })
    expect(bad.map(({ key, isOrphan }) => [key.slice(0, 5), isOrphan]).sort()).toEqual([
      ['a.jpg', true],
      ['b.jpg', false],
    ])
  })

  it('does not judge by records of another original what a killed writer left in a folder', async () => {
    const { source, output, run } = await openSite(asDatedStore(openMemoryStore()))
    const replace = async (text: string): Promise<void> => {
      for (const key of await listKeys(output, 'a.jpg/640w')) {
        const format = key.endsWith('.webp') ? 'webp' : 'jpg'
        await putText(output, key, `640x320 ${format}${text}`)
      }
    }
    await replace(' ')
    expect((await run()).bad.map(({ code }) => code)).toEqual(['wrong-bytes', 'wrong-bytes'])
    await putText(source, 'a.jpg', 'another')
    expect((await run()).bad).toEqual([])
  })

  it.each([
    ['641x320 webp', 'wrong-size', 'It is 641×320 and should be 640×320.'],
    ['640x321 webp', 'wrong-size', 'It is 640×321 and should be 640×320.'],
    ['640x320 jpg', 'wrong-type', 'Its bytes are jpeg.'],
  ])('finds "%s" where a WebP of 640×320 should be: %s', async (text, code, message) => {
    const { output, run } = await openSite()
    const [key = ''] = (await listKeys(output, 'a.jpg/640w')).filter((each) => each.endsWith('webp'))
    await output.put(key, Buffer.from(text), { headers: (await output.head(key))?.headers as never })
    expect((await run()).bad).toEqual([{ key, code, message, isOrphan: false }])
  })

  it('believes of what was stored the object itself, before the ledger', async () => {
    const { output, run } = await openSite()
    const [key = ''] = (await listKeys(output, 'a.jpg/640w')).filter((each) => each.endsWith('webp'))
    const get = output.get
    const says = (md5: (bytes: string) => string) => {
      output.get = async (name, options) => {
        const object = await get(name, options)
        return object && (name === key ? { ...object, md5: md5(object.md5 ?? '') } : object)
      }
      return run()
    }
    expect((await says(() => 'another')).bad.map(({ code }) => code)).toEqual(['wrong-bytes'])
    expect((await says((sum) => sum)).bad).toEqual([])
    await output.put(key, Buffer.from('640x320 webp '), {
      headers: (await output.head(key))?.headers as never,
    })
    expect((await says((sum) => sum)).bad).toEqual([])
  })

  it('finds what is stored as of another type', async () => {
    const { output, run } = await openSite()
    const [key = ''] = (await listKeys(output, 'a.jpg/640w')).filter((each) => each.endsWith('webp'))
    const whole = await output.get(key)
    await output.put(key, whole?.bytes ?? Buffer.of(), {
      headers: { contentType: 'image/png', cacheControl: '', metadata: {} },
    })
    expect((await run()).bad).toEqual([
      { key, code: 'wrong-content-type', message: 'It is stored as image/png.', isOrphan: false },
    ])
  })

  it('takes in a folder for right what any record of the original tells', async () => {
    const { source, output, run } = await openSite(asDatedStore(openMemoryStore()))
    const bench = openBench({ source, output })
    const entries = []
    for await (const entry of (await bench.ledger.open()).entries()) entries.push(entry)
    const recorder = bench.ledger.record()
    for (const entry of entries)
      await recorder.add({
        ...entry,
        results: entry.results.map((each) => ({ ...each, etag: '0123456789ab' })),
      })
    await recorder.flush()
    expect(await run()).toEqual({ checked: 8, bad: [] })
  })
})
