import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { addChunks, type Chunk, readChunks, readPixelData, toWords, writePng } from './png.ts'

const draw = (background: string) =>
  sharp({ create: { width: 20, height: 10, channels: 3, background } })
    .png()
    .toBuffer()
const [red, blue] = [await draw('#c81e1e'), await draw('#1e1ec8')]
const pixelsOf = (png: Buffer): Buffer => readPixelData(png).packed

const frameOf = (number: number, width = 20): Chunk => [
  'fcTL',
  Buffer.concat([toWords(number, width, 10, 0, 0), Buffer.from([0, 1, 0, 10, 0, 0])]),
]
const parts = (number: number, ...all: readonly Buffer[]): readonly Chunk[] =>
  all.map((part, i) => ['fdAT', Buffer.concat([toWords(number + i), part])])

/** An animation whose pictures follow a red one that is not among them. */
const animate = (frames: number, ...chunks: readonly Chunk[]): Buffer =>
  addChunks(addChunks(red, [['acTL', toWords(frames, 0)]]), chunks, 'after')

const blueParts = [pixelsOf(blue).subarray(0, 9), pixelsOf(blue).subarray(9)]

const indexed = await sharp(red).png({ palette: true }).toBuffer()
const see = (alphas: Buffer): Buffer =>
  writePng(
    readChunks(indexed).flatMap((chunk) =>
      chunk[0] === 'PLTE' ? [chunk, ['tRNS', alphas] as const] : [chunk],
    ),
  )

const grey = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#1e1e1e' } })
  .toColourspace('b-w')
  .png()
  .toBuffer()

/** Every pixel of this number, of 8 bits. */
const indexedBy = (number: number, palette: Buffer): Buffer =>
  writePng([
    ['IHDR', Buffer.concat([toWords(20, 10), Buffer.of(8, 3, 0, 0, 0)])],
    ['PLTE', palette],
    ['IDAT', deflateSync(Buffer.from(Array.from({ length: 210 }, (_, i) => (i % 21 === 0 ? 0 : number))))],
    ['IEND', Buffer.of()],
  ])

/** PNGs that libpng alone would show otherwise than browsers, and what these show. */
export const READABLE: readonly (readonly [name: string, bytes: Buffer, rgba: readonly number[]])[] = [
  [
    'an animation without its first picture',
    animate(1, frameOf(0), ...parts(1, ...blueParts)),
    [30, 30, 200, 255],
  ],
  [
    'an animation of two pictures without its first',
    animate(2, frameOf(0), ...parts(1, ...blueParts), frameOf(3), ...parts(4, pixelsOf(red))),
    [30, 30, 200, 255],
  ],
  ['an animation of no pictures', animate(0, frameOf(0), ...parts(1, ...blueParts)), [200, 30, 30, 255]],
  ['a palette of more transparency than colours', see(Buffer.alloc(256, 128)), [200, 30, 30, 128]],
  [
    'a palette that ends within a colour',
    indexedBy(1, Buffer.of(200, 30, 30, 30, 30, 200, 9)),
    [30, 30, 200, 255],
  ],
  [
    'a number beyond such a palette',
    indexedBy(3, Buffer.of(200, 30, 30, 30, 30, 200, 9, 9)),
    [30, 30, 200, 255],
  ],
  ['a number beyond a palette', indexedBy(3, Buffer.of(200, 30, 30, 30, 30, 200)), [30, 30, 200, 255]],
  [
    'too long a transparent colour',
    addChunks(red, [['tRNS', Buffer.of(0, 200, 0, 30, 0, 30, 0)]]),
    [0, 0, 0, 0],
  ],
  ['too long a transparent grey', addChunks(grey, [['tRNS', Buffer.of(0, 30, 0)]]), [0, 0, 0, 0]],
  ['a palette of more transparency than there can be', see(Buffer.alloc(257, 128)), [200, 30, 30, 255]],
]

/** Animations whose pictures do not cover them, or that are not whole. */
export const LEFT_ALONE: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a smaller picture', animate(1, frameOf(0, 19), ...parts(1, ...blueParts))],
  ['no picture', animate(1, frameOf(0))],
  ['a number of two bytes', addChunks(red, [['acTL', Buffer.alloc(2)]])],
]
