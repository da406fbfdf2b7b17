import { FORMATS, type Format } from '../../core/format.ts'
import type { AppEvent } from '../event.ts'

/** The results of one size in one format. */
export interface Saving {
  readonly size: string
  readonly format: Format
  readonly results: number
  /** Bytes of the originals of these results, one original for each result. */
  readonly sourceBytes: number
  readonly bytes: number
}

/** All results of one format. */
export interface FormatTotal {
  readonly format: Format
  readonly results: number
  readonly bytes: number
}

/** Results by size and format, and by format alone. */
export interface Savings {
  readonly savings: readonly Saving[]
  /** Each result counts once, even if several sizes ask for it; the most compact format comes first. */
  readonly formats: readonly FormatTotal[]
}

/** One result, with the size of its original. */
type SavedResult = Pick<
  Extract<AppEvent, { kind: 'result-stored' }>,
  'format' | 'sizes' | 'sourceBytes' | 'sizeBytes'
>

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Adds up results; memory holds one line per size and format. */
export const createSavings = (): { add(result: SavedResult): void; read(): Savings } => {
  const savings = new Map<string, Mutable<Saving>>()
  const formats = new Map<Format, Mutable<FormatTotal>>()
  return {
    add: ({ format, sizes, sourceBytes, sizeBytes }) => {
      const total = formats.get(format) ?? { format, results: 0, bytes: 0 }
      total.results++
      total.bytes += sizeBytes
      formats.set(format, total)
      for (const size of sizes) {
        const id = `${size} ${format}`
        const saving = savings.get(id) ?? { size, format, results: 0, sourceBytes: 0, bytes: 0 }
        saving.results++
        saving.sourceBytes += sourceBytes
        saving.bytes += sizeBytes
        savings.set(id, saving)
      }
    },
    read: () => ({ savings: [...savings.values()], formats: sortFormats(formats) }),
  }
}

const sortFormats = (totals: ReadonlyMap<Format, FormatTotal>): readonly FormatTotal[] =>
  FORMATS.flatMap((format) => totals.get(format) ?? [])
