import { DECODING, sharp } from './sharp.ts'
import { sniffMedia } from './sniff.ts'
import { readAddress } from './svg/address.ts'

/**
 * A drawing whose embedded pictures librsvg shows as browsers do: it knows only PNG and JPEG, goes by the type that an
 * address says, and turns nothing. Others become PNGs. Not covered: pictures in drawings that are embedded themselves.
 */
export const toDrawablePictures = async (drawing: string): Promise<string> => {
  const parts: string[] = []
  let end = 0
  for (const { 0: found, 1: address = '', index } of drawing.matchAll(/ (?:xlink:)?href="(data:[^"]*)"/g)) {
    const drawable = await toDrawable(address)
    if (drawable === undefined) continue
    parts.push(
      drawing.slice(end, index),
      found.replace(address, () => drawable),
    )
    end = index + found.length
  }
  return end === 0 ? drawing : [...parts, drawing.slice(end)].join('')
}

/** Undefined where the address may stay, also where no decoder can read it: browsers show nothing either. */
const toDrawable = async (text: string): Promise<string | undefined> => {
  const address = readAddress(text)
  if (address.kind !== 'data') return undefined
  const { type, bytes } = address
  const format = sniffMedia(bytes)
  if (format === 'png') return type === 'image/png' ? undefined : toAddress(bytes)
  if (format !== 'jpeg' && format !== 'gif' && format !== 'webp' && format !== 'avif') return undefined
  try {
    const source = sharp(bytes, { ...DECODING, autoOrient: format === 'jpeg' })
    const { orientation = 1 } = format === 'jpeg' ? await source.metadata() : {}
    if (/^image\/jpe?g$/.test(type) && format === 'jpeg' && orientation === 1) return undefined
    return toAddress(await source.png({ compressionLevel: 1 }).toBuffer())
  } catch {
    return undefined
  }
}

const toAddress = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`
