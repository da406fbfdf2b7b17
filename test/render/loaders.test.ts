import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import '../../src/render/loaders.ts'
import { photo } from './support.ts'

const WORKER = pathToFileURL(createRequire(import.meta.url).resolve('#render-worker')).href

/** Starts a render thread as the pool does, and ends it. */
const startThread = (): Promise<unknown> =>
  new Promise((ended, failed) => {
    const worker = new Worker(`import(${JSON.stringify(WORKER)}).then(() => process.exit(0))`, { eval: true })
    worker.once('error', failed)
    worker.once('exit', ended)
  })

describe('what sharp may load', () => {
  it('is what we sniff', async () => {
    expect(await sharp(await photo(20, 10).jpeg().toBuffer()).metadata()).toMatchObject({ width: 20 })
  })

  it('is not touched by a new thread, while others are reading', async () => {
    const gif = await photo(20, 10).gif().toBuffer()
    sharp.block({ operation: ['VipsForeignLoadNsgif'] })
    const bytes = await photo(20, 10).jpeg().toBuffer()
    let isOver = false
    let read = 0
    const reading = [1, 2].map(async () => {
      for (; !isOver; read++) await sharp(bytes).metadata()
    })
    for (let i = 0; i < 10; i++) await startThread()
    isOver = true
    await Promise.all(reading)
    expect(read).toBeGreaterThan(100)
    // A thread that had set what may be loaded would have allowed it again.
    await expect(sharp(gif).metadata()).rejects.toThrow('unsupported image format')
    sharp.unblock({ operation: ['VipsForeignLoadNsgif'] })
    expect(await sharp(gif).metadata()).toMatchObject({ width: 20 })
  })
})
