import { FORMATS, type Format } from '../core/format.ts'

/** What one size in one format amounts to. */
export interface Saving {
  readonly size: string
  readonly format: Format
  readonly results: number
  /** Of each result its original, so that both sums are over the same pictures. */
  readonly sourceBytes: number
  readonly bytes: number
}

/** What all results of a format amount to. */
export interface FormatTotal {
  readonly format: Format
  readonly results: number
  readonly bytes: number
}

/** Results by size and format, and by format alone. */
export interface Savings {
  readonly savings: readonly Saving[]
  /** Each result once, whatever the sizes that ask for it; the most compact format first. */
  readonly formats: readonly FormatTotal[]
}

/** One result beside its original. */
export interface SavedResult {
  readonly format: Format
  readonly sizes: readonly string[]
  readonly sourceBytes: number
  readonly sizeBytes: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Adds results up; holds one line per size and format, and no more. */
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
