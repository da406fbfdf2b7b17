import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import { CACHE, listPictures, unpack } from './photos.ts'

/** Kinds of pictures that sites have besides photographs. */
export type CorpusName =
  | 'tiny'
  | 'small'
  | 'icons'
  | 'animations'
  | 'six-photos'
  | 'four-photos'
  | 'panorama'
  | 'uploads'
  | 'webps'
  | 'pngs'
  | 'phones'
  | 'portraits'
  | 'cameras'
  | 'stills'

/** The files of a corpus: made once, always the same, and kept in a cache folder. */
export const findCorpus = async (name: CorpusName, photos: readonly string[]): Promise<readonly string[]> => {
  const folder = join(CACHE, 'corpora', name)
  if (!existsSync(join(folder, '.done'))) {
    mkdirSync(folder, { recursive: true })
    console.error(`making ${name} in ${folder}`)
    await MAKERS[name](folder, photos)
    mkdirSync(join(folder, '.done'))
  }
  return readdirSync(folder)
    .filter((file) => file !== '.done')
    .sort()
    .map((file) => join(folder, file))
}

type Make = (folder: string, photos: readonly string[]) => Promise<void>

const MAKERS: Readonly<Record<CorpusName, Make>> = {
  tiny: (folder, photos) =>
    cutOut(photos, 2000, (i) => ({ width: 64, height: 48, file: join(folder, `${i}.jpg`) })),
  small: (folder, photos) =>
    cutOut(photos, 500, (i) => ({
      width: 200 + ((i * 7) % 201),
      height: 150 + ((i * 13) % 151),
      file: join(folder, `${i}.${i % 3 === 0 ? 'png' : 'jpg'}`),
    })),
  icons: async (folder) => {
    for (const icon of findIcons().slice(0, 150)) copyFileSync(icon, join(folder, basename(icon)))
  },
  animations: async (folder, photos) => {
    for (let i = 0; i < 20; i++) await animate(photos[i % photos.length] ?? '', i, join(folder, `${i}.gif`))
  },
  'six-photos': (folder, photos) => copyEvenly(photos, 6, folder),
  'four-photos': (folder, photos) => copyEvenly(photos, 4, folder),
  panorama: async (folder, photos) => {
    // Tiles of photographs side by side: the detail of a hundred megapixels, not one of ten enlarged.
    const tiles = await Promise.all(
      photos.slice(0, 8).map((photo) => sharp(photo).resize(2500, 2500, { fit: 'cover' }).toBuffer()),
    )
    const places = Array.from({ length: 16 }, (_, i) => ({
      input: tiles[i % tiles.length] ?? Buffer.of(),
      left: (i % 8) * 2500,
      top: Math.floor(i / 8) * 2500,
    }))
    await sharp({ create: { width: 20_000, height: 5000, channels: 3, background: '#888' } })
      .composite(places)
      .jpeg({ quality: 88 })
      .toFile(join(folder, 'panorama.jpg'))
  },
  uploads: (folder, photos) =>
    resizeAll(photos, 60, (i) => ({ width: 2464 - i, height: 1632, file: join(folder, `${i}.jpg`) })),
  webps: (folder, photos) =>
    resizeAll(photos, 10, (i) => ({ width: 2047, height: 1365, file: join(folder, `${i}.webp`) })),
  pngs: (folder, photos) =>
    resizeAll(photos, 8, (i) => ({ width: 1600, height: 1067, file: join(folder, `${i}.png`) })),
  portraits: (folder, photos) =>
    cutOut(photos, 500, (i) => ({ width: 512, height: 512, file: join(folder, `${i}.jpg`) })),
  cameras: (folder, photos) =>
    resizeAll(photos, 8, (i) => ({ width: 6000, height: 4000, file: join(folder, `${i}.jpg`) })),
  stills: (folder, photos) =>
    resizeAll(photos, 60, (i) => ({ width: 400 + i, height: 300, file: join(folder, `${i}.gif`) })),
  // As phones write them: turned, and with a colour profile.
  phones: async (folder, photos) => {
    for (const [i, photo] of photos.slice(0, 6).entries())
      await sharp(photo)
        .resize(4032, 3024, { fit: 'cover' })
        .withMetadata({ orientation: 6, icc: i % 2 === 0 ? 'srgb' : 'p3' })
        .jpeg({ quality: 90 })
        .toFile(join(folder, `${i}.jpg`))
  },
}

/** Photographs at sizes that no power of two divides, in the format of the ending. */
const resizeAll = async (
  photos: readonly string[],
  count: number,
  sizeOf: (i: number) => Cut,
): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const { width, height, file } = sizeOf(i)
    await sharp(photos[i % photos.length])
      .resize(width, height, { fit: 'fill' })
      .toFormat(FORMATS[extname(file)] ?? 'jpeg', { quality: 85 })
      .toFile(file)
  }
}

const FORMATS: Readonly<Record<string, 'png' | 'webp' | 'gif'>> = {
  '.png': 'png',
  '.webp': 'webp',
  '.gif': 'gif',
}

interface Cut {
  readonly width: number
  readonly height: number
  readonly file: string
}

/** Parts of photographs, each from another place. */
const cutOut = async (photos: readonly string[], count: number, cutOf: (i: number) => Cut): Promise<void> => {
  const large = await Promise.all(
    photos.map((photo) => sharp(photo).resize(1600, 1000, { fit: 'cover' }).toBuffer()),
  )
  for (let i = 0; i < count; i++) {
    const { width, height, file } = cutOf(i)
    const left = (i * 37) % (1600 - width)
    const top = (i * 53) % (1000 - height)
    const part = sharp(large[i % large.length]).extract({ left, top, width, height })
    await (file.endsWith('.png') ? part.png() : part.jpeg({ quality: 85 })).toFile(file)
  }
}

/** Twelve frames that pan over a photograph. */
const animate = async (photo: string, index: number, file: string): Promise<void> => {
  const [width, height] = [320 + (index % 3) * 40, 180 + (index % 4) * 30]
  const large = await sharp(photo).resize(1000, 600, { fit: 'cover' }).toBuffer()
  const frames = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      sharp(large)
        .extract({ left: i * 20, top: i * 8, width, height })
        .raw()
        .toBuffer(),
    ),
  )
  const raw = { width, height: height * 12, channels: 3, pageHeight: height } as const
  await sharp(Buffer.concat(frames), { raw })
    .gif({ loop: 0, delay: Array<number>(12).fill(80) })
    .toFile(file)
}

const copyEvenly = async (photos: readonly string[], count: number, folder: string): Promise<void> => {
  const step = Math.floor(photos.length / count)
  for (let i = 0; i < count; i++) {
    const photo = photos[i * step]
    if (photo !== undefined) copyFileSync(photo, join(folder, basename(photo)))
  }
}

/** The drawings of Debian's tango-icon-theme, as Inkscape wrote them. */
const findIcons = (): readonly string[] =>
  listPictures(unpack('tango-icon-theme', 'usr/share/icons/Tango/scalable'), /\.svg$/)
