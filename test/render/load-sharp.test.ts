import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSharp } from '../../src/render/load-sharp.ts'
import { makeFolder } from '../support/folder.ts'

const own = createRequire(import.meta.url)
const OF_SHARP = /node_modules\/(?:sharp\/dist|semver|detect-libc)\//

describe('sharp', () => {
  it('is read from one file beside the compiled process, and can do the same', async () => {
    for (const path of Object.keys(own.cache)) if (OF_SHARP.test(path)) delete own.cache[path]
    const sharp = loadSharp(createRequire(own.resolve('../../dist/render/process.cjs')))
    const read = Object.keys(own.cache)
    expect(read.filter((path) => /dist\/render\/sharp-[0-9.]+\.cjs$/.test(path))).toHaveLength(1)
    expect(read.filter((path) => OF_SHARP.test(path))).toEqual([])
    const white = { create: { width: 4, height: 4, channels: 3, background: '#fff' } } as const
    const made = await sharp(white).webp().toBuffer()
    const whole = own('sharp')
    expect(sharp.versions).toEqual(whole.versions)
    expect(made.equals(await whole(white).webp().toBuffer())).toBe(true)
  })

  it('of another version is read from its own files', () => {
    const folder = makeFolder()
    const place = join(folder, 'node_modules/sharp')
    mkdirSync(join(place, 'dist'), { recursive: true })
    writeFileSync(join(place, 'package.json'), '{ "version": "0.0.1", "main": "dist/index.cjs" }')
    writeFileSync(join(place, 'dist/index.cjs'), "module.exports = 'another'")
    expect(loadSharp(createRequire(join(folder, 'process.cjs')))).toBe('another')
  })
})
