import { deflateSync } from 'node:zlib'
import type { Sharp } from 'sharp'
import type { RasterFormat } from '../core/format.ts'
import { listHeadChunks, toChunk } from './png-chunks.ts'
import { sharp } from './sharp.ts'
import { lazily } from './wasm.ts'

/**
 * A file's colours said to be Display P3's. sharp can attach that profile only to what it has converted from sRGB, so
 * it is told sRGB's, by which it leaves all numbers as they are, and the other, of 480 bytes as well, takes its place.
 */
export const labelAsSrgb = (picture: Sharp): Sharp => picture.withIccProfile('srgb')

/** The same file, of a picture that {@link labelAsSrgb} was told of, in Display P3. */
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
