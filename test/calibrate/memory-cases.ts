import sharp, { type Sharp } from 'sharp'
import { addChunks } from '../files/png.ts'
import { asPremultiplied } from '../files/premultiplied.ts'

export interface MemoryCase {
  readonly name: string
  readonly make: () => Promise<Buffer>
  /** As `ask` takes them. */
  readonly outputs: readonly string[]
  readonly encodesAtOnce?: number
}

const MEGAPIXELS = [4, 24]

/** Noise over waves: neither the easiest nor the hardest of pictures. */
const paint = async (width: number, height: number, channels: 3 | 4 = 3) => {
  const samples = Buffer.allocUnsafe(width * height * channels)
  let seed = 1
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      const at = (y * width + x) * channels
      const wave = 128 + 80 * Math.sin(x / 40) * Math.cos(y / 60)
      samples[at] = wave + (seed & 15)
      samples[at + 1] = 255 - wave
      samples[at + 2] = (x ^ y) & 255
      if (channels === 4) samples[at + 3] = 128 + ((x + y) & 127)
    }
  return sharp(samples, { raw: { width, height, channels }, limitInputPixels: false })
}

const sidesOf = (megapixels: number): [number, number] => {
  const height = Math.round(Math.sqrt((megapixels * 1e6) / 1.5) / 16) * 16
  return [height * 1.5, height]
}

const once = (make: () => Promise<Buffer>): (() => Promise<Buffer>) => {
  let made: Promise<Buffer> | undefined
  return () => (made ??= make())
}

type Encode = (picture: Sharp) => Sharp

const SOURCES: Readonly<
  Record<
    string,
    { readonly encode: Encode; readonly channels?: 4; readonly change?: (file: Buffer) => Buffer }
  >
> = {
  'jpeg baseline 420': { encode: (p) => p.jpeg({ quality: 85 }) },
  'jpeg baseline 444': { encode: (p) => p.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }) },
  'jpeg progressive 420': { encode: (p) => p.jpeg({ quality: 85, progressive: true }) },
  'jpeg progressive 444': {
    encode: (p) => p.jpeg({ quality: 92, progressive: true, chromaSubsampling: '4:4:4' }),
  },
  'jpeg gray': { encode: (p) => p.toColourspace('b-w').jpeg() },
  'jpeg cmyk': { encode: (p) => p.toColourspace('cmyk').jpeg() },
  'jpeg turned': { encode: (p) => p.withMetadata({ orientation: 6 }).jpeg() },
  png: { encode: (p) => p.png({ compressionLevel: 1 }) },
  'png alpha': { encode: (p) => p.png({ compressionLevel: 1 }), channels: 4 },
  'png interlaced': { encode: (p) => p.png({ compressionLevel: 1, progressive: true }) },
  'png interlaced alpha': { encode: (p) => p.png({ compressionLevel: 1, progressive: true }), channels: 4 },
  'png 16': { encode: (p) => p.toColourspace('rgb16').png({ compressionLevel: 1 }) },
  'png 16 interlaced': {
    encode: (p) => p.toColourspace('rgb16').png({ compressionLevel: 1, progressive: true }),
  },
  'png palette': { encode: (p) => p.png({ palette: true, effort: 1 }) },
  webp: { encode: (p) => p.webp({ effort: 0 }) },
  'webp alpha': { encode: (p) => p.webp({ effort: 0 }), channels: 4 },
  'webp lossless': { encode: (p) => p.webp({ effort: 0, lossless: true }), channels: 4 },
  'avif 420': { encode: (p) => p.avif({ effort: 0 }) },
  'avif 444': { encode: (p) => p.avif({ effort: 0, chromaSubsampling: '4:4:4' }) },
  'avif alpha': { encode: (p) => p.avif({ effort: 0 }), channels: 4 },
  'avif 10 bits': { encode: (p) => p.avif({ effort: 0, bitdepth: 10 }) },
  'avif premultiplied': { encode: (p) => p.avif({ effort: 0 }), channels: 4, change: asPremultiplied },
  'png high range': {
    encode: (p) => p.toColourspace('rgb16').png({ compressionLevel: 1 }),
    change: (png) => addChunks(png, [['cICP', Buffer.of(9, 16, 0, 1)]]),
  },
  gif: { encode: (p) => p.gif({ effort: 1 }) },
  'tiff deflate': { encode: (p) => p.tiff({ compression: 'deflate' }) },
  'tiff none': { encode: (p) => p.tiff({ compression: 'none' }) },
  'tiff tiled': {
    encode: (p) => p.tiff({ compression: 'lzw', tile: true, tileWidth: 256, tileHeight: 256 }),
  },
  'tiff jpeg': { encode: (p) => p.tiff({ compression: 'jpeg' }) },
  'tiff 16': { encode: (p) => p.toColourspace('rgb16').tiff({ compression: 'deflate' }) },
}

const animated = (format: 'gif' | 'webp', side: number, frames: number) => async () => {
  const [width, height] = [side, side]
  const stack = await paint(width, height * frames, 4)
  const { data } = await stack.raw().toBuffer({ resolveWithObject: true })
  const raw = sharp(data, {
    raw: { width, height: height * frames, channels: 4, pageHeight: height },
    limitInputPixels: false,
  })
  return format === 'gif' ? raw.gif({ effort: 1 }).toBuffer() : raw.webp({ effort: 0 }).toBuffer()
}

const svg =
  (inner: string, size = 'viewBox="0 0 100 100"') =>
  async () =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${inner}</svg>`,
    )

const RECT = '<rect width="100" height="100" fill="#c40"/>'
const filter = (count: number): string =>
  `<filter id="f" x="0" y="0" width="1" height="1">${'<feOffset dx="1" dy="1"/>'.repeat(count)}</filter><g filter="url(#f)">${RECT}</g>`
const masks = (depth: number): string =>
  depth === 0
    ? RECT
    : `<mask id="m${depth}"><rect width="100" height="100" fill="white"/></mask><g mask="url(#m${depth})">${masks(depth - 1)}</g>`
const groups = (depth: number): string =>
  depth === 0 ? RECT : `<g opacity=".9">${groups(depth - 1)}${RECT}</g>`

const DRAWINGS: Readonly<Record<string, () => Promise<Buffer>>> = {
  'svg plain': svg(RECT),
  'svg 5 filter primitives': svg(filter(5)),
  'svg 40 filter primitives': svg(filter(40)),
  'svg 5 masks': svg(masks(5)),
  'svg 20 masks': svg(masks(20)),
  'svg 5 groups': svg(groups(5)),
  'svg 20 groups': svg(groups(20)),
  'svg clip 20': svg(
    Array.from(
      { length: 20 },
      (_, i) =>
        `<clipPath id="c${i}"><circle cx="50" cy="50" r="${50 - i}"/></clipPath><g clip-path="url(#c${i})">`,
    ).join('') +
      RECT +
      '</g>'.repeat(20),
  ),
  'svg pattern': svg(
    '<pattern id="p" width="1" height="1"><circle cx="50" cy="50" r="40"/></pattern><rect width="100" height="100" fill="url(#p)"/>',
  ),
  'svg patterns within patterns': svg(
    `${Array.from({ length: 6 }, (_, i) => `<pattern id="p${i}" width="1" height="1"><rect width="100" height="100" fill="${i === 0 ? 'red' : `url(#p${i - 1})`}"/></pattern>`).join('')}<rect width="100" height="100" fill="url(#p5)"/>`,
  ),
  'svg map of paths': svg(
    Array.from(
      { length: 3000 },
      (_, k) =>
        `<path fill="#${(k % 900) + 100}" d="M${Array.from({ length: 40 }, (_, i) => `${((k * 37 + i * i) % 1000) / 10},${((k * 91 + i * 17) % 1000) / 10}`).join('L')}Z"/>`,
    ).join(''),
  ),
  'svg 60000 elements': svg('<path d="M0 0L1 1"/>'.repeat(60_000)),
  'svg long path': svg(`<path d="M0 0${'L1 1 2 0'.repeat(100_000)}"/>`),
}

export const listCases = (): readonly MemoryCase[] => {
  const cases: MemoryCase[] = []
  for (const [name, { encode, channels, change = (file: Buffer) => file }] of Object.entries(SOURCES))
    for (const megapixels of MEGAPIXELS) {
      const [width, height] = sidesOf(megapixels)
      const make = once(async () => change(await encode(await paint(width, height, channels)).toBuffer()))
      for (const output of ['64w.q80 jpg', '640w.q80 png', `${width}w.q80 png`])
        cases.push({ name: `${name}, ${megapixels} MP to ${output}`, make, outputs: [output] })
    }
  for (const megapixels of [1, 8]) {
    const [width, height] = sidesOf(megapixels)
    for (const channels of [3, 4] as const) {
      const make = once(async () =>
        (await paint(width, height, channels)).png({ compressionLevel: 1 }).toBuffer(),
      )
      for (const format of ['avif', 'webp', 'jpg', 'png', 'gif'])
        for (const quality of [80, 95])
          cases.push({
            name: `encode ${format} q${quality} ${channels} channels, ${megapixels} MP`,
            make,
            outputs: [`${width}w.q${quality} ${format}`],
          })
    }
  }
  for (const format of ['gif', 'webp'] as const)
    for (const [side, frames] of [
      [200, 100],
      [500, 20],
      [1000, 20],
    ] as const)
      for (const output of [
        '64w.q80 jpg',
        '100w.q80 webp',
        '100w.q80 gif',
        `${side}w.q80 webp`,
        `${side}w.q80 gif`,
      ])
        cases.push({
          name: `animated ${format} ${side}² × ${frames} to ${output}`,
          make: animated(format, side, frames),
          outputs: [output],
        })
  for (const [name, make] of Object.entries(DRAWINGS))
    for (const width of [480, 1920])
      cases.push({ name: `${name} to ${width}`, make, outputs: [`${width}w.q80 png`] })
  for (const megapixels of [4, 24]) {
    const [width, height] = sidesOf(megapixels)
    const make = async () => (await paint(width, height)).jpeg().toBuffer()
    const outputs = [320, 640, 960, 1280, 1920].flatMap((each) =>
      ['avif', 'webp', 'jpg'].map((format) => `${each}w.q80 ${format}`),
    )
    for (const encodesAtOnce of [1, 2])
      cases.push({ name: `ladder, ${encodesAtOnce} at once, ${megapixels} MP`, make, outputs, encodesAtOnce })
    for (const output of [
      '400x300.cover.attention.q80 jpg',
      '400w.rotate-90.q80 jpg',
      '400w.trim-10.q80 jpg',
      '400w.blur-300.q80 jpg',
    ])
      cases.push({ name: `${output}, ${megapixels} MP`, make, outputs: [output] })
  }
  return cases
}
