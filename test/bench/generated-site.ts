import { createHmac } from 'node:crypto'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { Format } from '../../src/core/format.ts'
import { emptyEntry, type LedgerEntry, toTag } from '../../src/plan/ledger-entry.ts'
import { digestRecipe } from '../../src/plan/recipe.ts'

/** A site of any size that nobody has stored: originals, results and ledger are made up as they are asked for. */

export const SECRET = 'correct-horse-battery-staple'
export const FORMATS: readonly Format[] = ['avif', 'jpg', 'webp'] // in byte order
export const WIDTHS = ['1280w', '1920w', '320w', '640w', '960w'] // in byte order
export const RESULTS_PER_SOURCE = WIDTHS.length * FORMATS.length

/** What configures such a site, but for its places. */
export const SITE = { secret: SECRET, sizes: { content: { widths: [320, 640, 960, 1280, 1920] } } }

export const sourceName = (i: number): string =>
  `photos/${String(Math.floor(i / 1000)).padStart(5, '0')}/IMG_${String(i).padStart(7, '0')}.jpg`

/** Stands in for the MD5 of real bytes: as incompressible, and the same whoever makes it up. */
export const etagOf = (a: number, b: number): string => {
  let x = (a * 2654435761 + b * 40503 + 12345) >>> 0
  let text = ''
  for (let i = 0; i < 4; i++) {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0
    x = (x ^ (x >>> 15)) >>> 0
    text += x.toString(16).padStart(8, '0')
  }
  return text
}

export const SOURCE_ETAG = 99
export const sizeOf = (i: number, j: number): number => 5_000 + ((i * 7919 + j * 104_729) % 90_000)

/** What the width of {@link WIDTHS} is asked for by, of one source. */
export type TransformOf = (i: number, width: string) => string

const plain: TransformOf = (_, width) => `${width}.q80`

/** The results of a source in byte order; `j` is their place. */
export function* resultKeys(i: number, transformOf = plain): Generator<string> {
  const source = sourceName(i)
  for (const width of WIDTHS) {
    const transform = transformOf(i, width)
    const signature = createHmac('sha256', SECRET)
      .update(`${source}/${transform}`)
      .digest('base64url')
      .slice(0, 16)
    for (const format of FORMATS) yield `${source}/${transform}.${signature}.${format}`
  }
}

/** Makes up what the ledger says of sources whose results stand as {@link resultKeys} and {@link etagOf} say. */
export const createEntries = (
  headersOf: (format: Format) => string,
  transformOf = plain,
): ((i: number) => LedgerEntry) => {
  const config = resolveConfig({ ...SITE, source: 's3://originals/', output: 's3://results/' }, { root: '/' })
  const made = FORMATS.map((format) => ({
    format,
    recipe: digestRecipe(format, config.encoders),
    headers: headersOf(format),
  }))
  return (i) => {
    const fingerprint = etagOf(i, SOURCE_ETAG)
    return {
      ...emptyEntry(sourceName(i)),
      facts: [{ fingerprint, width: 6000, height: 4000, mediaFormat: 'jpeg' }],
      results: WIDTHS.flatMap((width, w) =>
        made.map((shape, f) => ({
          ...shape,
          transform: transformOf(i, width),
          fingerprint,
          encoder: 'libvips 8.18',
          maker: 'build' as const,
          etag: toTag(etagOf(i, w * FORMATS.length + f)),
          sizeBytes: sizeOf(i, w * FORMATS.length + f),
        })),
      ),
    }
  }
}
