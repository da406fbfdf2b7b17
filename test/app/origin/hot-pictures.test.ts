import { describe, expect, it } from 'vitest'
import { createStoredPictures, FRESH_MS } from '../../../src/app/origin/stored-pictures.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { putText } from '../../support/bench-project.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { countOperations } from '../../support/origin.ts'

const key = (name: string) => `${name}/640w.q80.nvOrWOykYxKRCA9J.webp` as VariantKey
const signal = new AbortController().signal

const open = (hotBytes = 1_000_000) => {
  const clock = { now: 0 }
  const { gate, of } = countOperations()
  const store = openMemoryStore()
  const pictures = createStoredPictures({ store: asGatedStore(store, gate), hotBytes, now: () => clock.now })
  const look = async (name: string) =>
    pictures.findNow(key(name)) ?? (await pictures.lookUp(key(name), { wantsBody: true, signal }))
  const asked = (name: string) => [of(`open ${key(name)}`), of(`head ${key(name)}`)]
  return { clock, store, look, asked }
}

describe('small results of a bucket', () => {
  it('are read once, and looked at again when some time has gone by', async () => {
    const { clock, store, look, asked } = open()
    await putText(store, key('a'), 'bytes')
    for (let times = 0; times < 3; times++) expect(await look('a')).toMatchObject({ sizeBytes: 5 })
    expect(asked('a')).toEqual([1, 0])
    clock.now += FRESH_MS
    await Promise.all([look('a'), look('a'), look('a')])
    expect(asked('a')).toEqual([1, 1])
  })

  it('are not shown where the last look failed, or something too large to be kept stands there', async () => {
    let isDown = false
    const store = openMemoryStore()
    const gate = async (): Promise<void> => {
      if (isDown) throw new Error('down')
    }
    const clock = { now: 0 }
    const pictures = createStoredPictures({
      store: asGatedStore(store, gate),
      hotBytes: 1_000_000,
      now: () => clock.now,
    })
    const lookUp = () => pictures.lookUp(key('a'), { wantsBody: true, signal })
    await putText(store, key('a'), 'bytes')
    await lookUp()
    isDown = true
    clock.now += FRESH_MS
    await expect(lookUp()).rejects.toThrow('down')
    expect(pictures.findNow(key('a'))).toBeUndefined()
    isDown = false
    await putText(store, key('a'), 'x'.repeat(70_000))
    await (await lookUp())?.open(undefined, signal)
    expect(pictures.findNow(key('a'))).toBeUndefined()
  })

  it('are not shown longer than that where they were replaced or deleted', async () => {
    const { clock, store, look } = open()
    await putText(store, key('a'), 'one')
    await look('a')
    await putText(store, key('a'), 'other')
    clock.now += FRESH_MS
    expect(Buffer.from((await look('a'))?.body as Uint8Array).toString()).toBe('other')
    await store.deleteAll([key('a')])
    clock.now += FRESH_MS
    expect(await look('a')).toBeUndefined()
  })

  it('take no more memory than they may', async () => {
    const { store, look, asked } = open(10_000)
    for (const name of ['a', 'b', 'c']) await putText(store, key(name), 'x'.repeat(4_000))
    for (const name of ['a', 'b', 'c', 'c', 'a']) await look(name)
    expect(['a', 'b', 'c'].map((name) => asked(name)[0])).toEqual([2, 1, 1])
  })

  it('are passed through where they are large', async () => {
    const { store, look, asked } = open()
    await putText(store, key('a'), 'x'.repeat(70_000))
    for (let times = 0; times < 2; times++) expect((await look('a'))?.body).toBeInstanceOf(ReadableStream)
    expect(asked('a')).toEqual([2, 0])
  })
})
