import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { setUpSharp } from '../../src/render/sharp.ts'
import { makeFolder } from '../support/folder.ts'
import { codeOf, openFileRenderer, photo } from './support.ts'

const renderer = openFileRenderer()

describe('a render process', () => {
  it('may load what we sniff', async () => {
    for (const kind of ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)
      expect(await codeOf(renderer.inspect(await photo(20, 10).toFormat(kind).toBuffer()))).toBe('none')
  })

  it('may load nothing else, whatever sharp could read', async () => {
    onTestFinished(() => sharp.unblock({ operation: ['VipsForeignLoad'] }))
    sharp.unblock({ operation: ['VipsForeignLoad'] })
    const other = join(makeFolder(), 'picture.v')
    await photo(20, 10).toFile(other)
    expect(await sharp(other).metadata()).toMatchObject({ width: 20 })
    setUpSharp()
    await expect(sharp(other).metadata()).rejects.toThrow()
  })

  it('has libvips keep nothing, and take one core a picture', () => {
    sharp.cache({ items: 50, memory: 50, files: 10 })
    sharp.concurrency(2)
    setUpSharp()
    expect(sharp.concurrency()).toBe(1)
    expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, files: { max: 0 }, items: { max: 0 } })
  })
})
