import type { Config } from '../../config/config.ts'
import type { Format } from '../../core/format.ts'
import type { Override } from '../../core/override.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ImageFacts } from '../../page/catalogue.ts'
import { createImagesFormat, createTypesFormat } from '../../page/format-images.ts'
import type { FactsRecord } from '../../plan/ledger-entry.ts'
import type { Keyring } from '../../url/keyring.ts'

/** A text file that is being written; nobody sees it before `commit`. */
export interface TextSink {
  write(text: string): Promise<void>
  /** Moves the whole file into place; false where a file with the same text stood there and was kept. */
  commit(): Promise<boolean>
  /** Throws the new text away; the old file stays. */
  discard(): Promise<void>
}

interface ImageFiles {
  /** Opens images.json; where it is split, the one of the top folder `folder` ("" for sources in none). */
  openImages?(folder: string): Promise<TextSink>
  openTypes?(): Promise<TextSink>
}

/** What is known of a source, and the formats that it is made in, the smallest files first. */
export interface SettledFacts extends FactsRecord {
  readonly smallest?: readonly Format[]
  readonly override?: Override | undefined
}

/** Receives the facts of a build's sources. */
export interface FactsListener {
  /** To be called in the plan's order, before the work on a source begins; waits while too many sources are held. */
  announce(source: SourceKey): Promise<void>
  /** To be called once that work has ended, in any order; a source without facts is left out. */
  settle(source: SourceKey, facts: SettledFacts | undefined): void
}

/** Writes images.json and images.d.ts while a build runs, in the plan's order. It must be finished or discarded. */
interface ImageWriter extends FactsListener {
  /** Ends well: the files are put into place. */
  finish(): Promise<void>
  /** Ends without writing; does nothing after {@link finish}. */
  discard(): Promise<void>
}

interface ImageWriterOptions {
  readonly config: Config
  readonly keyring: Pick<Keyring, 'sign'>
  readonly files: ImageFiles
  /** Whether each top folder gets its own file; sources in no folder go to the file of "". */
  readonly isSplit: boolean
}

/** Sources that wait for an earlier one: bounds memory where one source takes minutes and the others no time. */
const MOST_HELD = 10_000

interface Place {
  readonly source: SourceKey
  isSettled: boolean
  facts: SettledFacts | undefined
}

/** Opens the files; what stood there before stays until `finish`. */
export const openImageWriter = async (options: ImageWriterOptions): Promise<ImageWriter> => {
  const { config, keyring, files, isSplit } = options
  const images =
    files.openImages && createParts(files.openImages, createImagesFormat(config, keyring), isSplit)
  const types = files.openTypes && (await createTypes(await files.openTypes(), config))
  await images?.open('')
  const places = new Map<SourceKey, Place>()
  let writing: Promise<void> = Promise.resolve()
  let wake = (): void => {}
  let isFinished = false

  const writeSettled = async (): Promise<void> => {
    for (const place of places.values()) {
      if (!place.isSettled) return
      places.delete(place.source)
      if (place.facts === undefined) continue
      await images?.add(place.source, place.facts)
      await types?.add(place.source)
    }
  }
  const end = async (): Promise<void> => {
    await writing
    if (places.size > 0) throw new Error('a source was announced and never settled')
  }
  return {
    announce: async (source) => {
      places.set(source, { source, isSettled: false, facts: undefined })
      while (places.size > MOST_HELD)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
    settle: (source, facts) => {
      const place = places.get(source)
      if (place === undefined) return
      place.isSettled = true
      place.facts = facts
      writing = writing.then(writeSettled)
      writing.catch(() => {}).finally(() => wake()) // `finish` throws the same error
    },
    finish: async () => {
      await end()
      await images?.commit()
      await types?.commit()
      isFinished = true
    },
    discard: async () => {
      if (isFinished) return
      await writing.catch(() => {})
      await images?.discard()
      await types?.discard()
    },
  }
}

type ImagesFormat = ReturnType<typeof createImagesFormat>

/** images.json in one file or by top folder. All sources of a folder follow one another, except those in no folder. */
const createParts = (
  openSink: (folder: string) => Promise<TextSink>,
  format: ImagesFormat,
  isSplit: boolean,
) => {
  const parts = new Map<string, { readonly sink: TextSink; lines: number }>()
  const open = async (folder: string) => {
    const sink = buffered(await openSink(folder))
    const part = { sink, lines: 0 }
    parts.set(folder, part)
    await sink.write(format.start)
    return part
  }
  return {
    open,
    add: async (
      source: SourceKey,
      { fingerprint, attention, override, ...facts }: SettledFacts,
    ): Promise<void> => {
      const folder = isSplit && source.includes('/') ? (source.split('/')[0] ?? '') : ''
      const part = parts.get(folder) ?? (await open(folder))
      const known: ImageFacts = { ...facts, ...(attention && { focus: attention }) }
      const line = format.lineOf(source, known, { fingerprint, override })
      await part.sink.write(part.lines++ === 0 ? line : `${format.between}${line}`)
    },
    commit: async () => {
      for (const { sink } of parts.values()) {
        await sink.write(format.end)
        await sink.commit()
      }
    },
    discard: async () => {
      for (const { sink } of parts.values()) await sink.discard()
    },
  }
}

const createTypes = async (given: TextSink, config: Config) => {
  const sink = buffered(given)
  const format = createTypesFormat(config)
  await sink.write(format.start)
  return {
    add: (source: SourceKey) => sink.write(format.lineOf(source)),
    commit: async () => {
      await sink.write(format.end)
      await sink.commit()
    },
    discard: sink.discard,
  }
}

const CHUNK_LENGTH = 65_536

/** Collects many small writes into a few large ones. */
const buffered = (sink: TextSink): TextSink => {
  let kept = ''
  const flush = async (): Promise<void> => {
    const text = kept
    kept = ''
    if (text !== '') await sink.write(text)
  }
  return {
    write: async (text) => {
      kept += text
      if (kept.length >= CHUNK_LENGTH) await flush()
    },
    commit: async () => {
      await flush()
      return sink.commit()
    },
    discard: () => sink.discard(),
  }
}
