import { deflateSync } from 'node:zlib'
import type { Sharp } from 'sharp'
import type { RasterFormat } from '../core/format.ts'
import { listHeadChunks, toChunk } from './png-chunks.ts'
import { sharp } from './sharp.ts'
import { lazily } from './wasm.ts'

/**
 * Marks a file's colours as Display P3. sharp can attach that profile only to pixels that it has converted from sRGB.
 * So it attaches sRGB's, which leaves all numbers as they are, and then the other one, also of 480 bytes, replaces it.
 */
export const labelAsSrgb = (picture: Sharp): Sharp => picture.withIccProfile('srgb')

/** The same file in Display P3; the pipeline must have gone through {@link labelAsSrgb}. */
export const relabelAsP3 = async (file: Buffer, format: RasterFormat): Promise<Buffer> => {
  const { srgb, p3 } = await profiles()
  if (format === 'png') return replaceChunk(file, p3)
  const at = file.indexOf(srgb)
  if (at < 0 || srgb.length !== p3.length) throw new Error(`sRGB's profile is not in the ${format}`)
  p3.copy(file, at)
  return file
}

const profiles = lazily(async () => {
  const [srgb, p3] = await Promise.all((['srgb', 'p3'] as const).map(readProfile))
  if (srgb === undefined || p3 === undefined) throw new Error('sharp attached no profile')
  return { srgb, p3 }
})

const readProfile = async (name: 'srgb' | 'p3'): Promise<Buffer | undefined> => {
  const pixel = { create: { width: 1, height: 1, channels: 3, background: 'black' } } as const
  return (await sharp(await sharp(pixel).withIccProfile(name).png().toBuffer()).metadata()).icc
}

const replaceChunk = (png: Buffer, profile: Buffer): Buffer => {
  const chunk = listHeadChunks(png).find(({ name }) => name === 'iCCP')
  if (chunk === undefined) throw new Error("sRGB's profile is not in the png")
  const body = Buffer.concat([Buffer.from('p3\0\0', 'latin1'), deflateSync(profile, { level: 9 })])
  return Buffer.concat([png.subarray(0, chunk.start), toChunk('iCCP', body), png.subarray(chunk.end)])
}
