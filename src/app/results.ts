import { hash } from 'node:crypto'
import type { KeyRange } from '../core/byte-order.ts'
import { contentTypeOf, type Format } from '../core/format.ts'
import type { Problem } from '../core/problem.ts'
import { PRIVATE_SEGMENT, type SourceKey } from '../core/source-key.ts'
import type { ListedResult } from '../plan/group.ts'
import { isTagOf, type ResultRecord, toTag, toTags } from '../plan/ledger-entry.ts'
import { digestHeaders } from '../plan/recipe.ts'
import type {
  ListOptions,
  ObjectBytes,
  ObjectHeaders,
  ReadableStore,
  StoredObject,
  WritableStore,
} from '../store/port.ts'
import type { Keyring, VariantKey, VerifiedKey } from '../url/keyring.ts'

/** Counts of what stands in the output and is no result. */
export interface ForeignCounts {
  foreign: number
}

/** What is recorded of a result when it is stored; the store adds the rest. */
export type ResultOrigin = Pick<
  ResultRecord,
  'transform' | 'format' | 'fingerprint' | 'recipe' | 'encoder' | 'maker'
>

/** Which results are listed: only those whose keys lie in this range. */
export interface ListResultsOptions extends KeyRange {
  /** See `ListOptions.splits`. */
  readonly splits?: AsyncIterable<string>
  readonly signal?: AbortSignal | undefined
  readonly foreignCounts?: ForeignCounts | undefined
  /** Called with each path that cannot be listed; without it, the whole listing fails there. */
  readonly onUnlisted?: (path: string, problem: Problem) => void
}

/** The results of one output: listed, read, written and copied by key, with their records. */
export interface Results {
  readonly store: WritableStore
  /** Every result of ours in byte order; other objects are counted and left out. */
  list(options: ListResultsOptions): AsyncIterable<ListedResult>
  /** The same in arrays of any length. */
  listPages(options: ListResultsOptions): AsyncIterable<readonly ListedResult[]>
  /**
   * The results of one source only, without those of sources below it. Where the store spells its folder otherwise,
   * `spelled` is that spelling; the listing has counted these results as foreign.
   */
  listOf(
    source: SourceKey,
    options: Omit<ListResultsOptions, 'prefix' | 'onUnlisted'> & { readonly spelled?: string | undefined },
  ): AsyncIterable<ListedResult>
  /** Stores a result with its record; undefined where `createOnly` is set and it exists already. */
  put(
    key: VariantKey,
    bytes: Uint8Array,
    options: {
      readonly origin: ResultOrigin
      /** MD5 of the bytes in hex, where it is known. */
      readonly md5?: string
      readonly createOnly?: boolean
      readonly signal?: AbortSignal | undefined
    },
  ): Promise<ResultRecord | undefined>
  /**
   * Copies a listed object, which `record` describes, with the present headers; perhaps onto itself. Undefined where
   * the object has been replaced or deleted since: nothing is recorded of bytes that were not looked at.
   */
  copy(
    from: ListedResult,
    to: VariantKey,
    record: ResultRecord,
    signal?: AbortSignal,
  ): Promise<ResultRecord | undefined>
  /**
   * The record in the object's own metadata; undefined where the store keeps no metadata, the object is not ours, or it
   * shows no mark and its bytes differ from the recorded MD5.
   */
  ask(result: ListedResult, signal?: AbortSignal): Promise<ResultRecord | undefined>
  /** Reads a stored result and hashes it; undefined where it is gone. */
  hash(
    key: VariantKey,
    signal?: AbortSignal,
  ): Promise<(Pick<ObjectBytes, 'sizeBytes' | 'mark'> & { readonly md5: string }) | undefined>
  /**
   * Writes a result's bytes and headers under an alias too. `gone` where the result does not exist any more, or has
   * other bytes than `etag` says; `exists` where `createOnly` is set and something stands there.
   */
  alias(
    from: { readonly key: VariantKey; readonly format: Format; readonly etag: string },
    name: string,
    options: { readonly createOnly?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<'stored' | 'exists' | 'gone'>
  /** The MD5 of the object under a name; undefined where there is none. */
  md5Of(name: string): Promise<string | undefined>
  /** The digest of the headers that a result of this format is stored with now; "" where the store keeps none. */
  headersOf(format: Format): string
}

/** Where results are, and with which `Cache-Control` they are stored. */
interface ResultsOptions {
  readonly store: WritableStore
  readonly keyring: Pick<Keyring, 'verify'>
  readonly cacheControl: string
}

/** The object's own copy of its record, in names that survive every S3 server: lower-case letters and "-". */
const FACT = {
  fingerprint: 'imgsizes-source',
  recipe: 'imgsizes-recipe',
  encoder: 'imgsizes-encoder',
  headers: 'imgsizes-headers',
  maker: 'imgsizes-maker',
} as const

const toMetadata = (
  { fingerprint, recipe, encoder, maker }: ResultOrigin,
  headers: string,
): ObjectHeaders['metadata'] => ({
  [FACT.fingerprint]: fingerprint,
  [FACT.recipe]: recipe,
  [FACT.encoder]: encoder,
  [FACT.headers]: headers,
  [FACT.maker]: maker,
})

/** The inverse; undefined where the object is no result of ours. */
const readMetadata = (
  facts: ObjectHeaders['metadata'] = {},
): Pick<ResultRecord, 'fingerprint' | 'recipe' | 'encoder' | 'headers' | 'maker'> | undefined => {
  const { [FACT.fingerprint]: fingerprint, [FACT.recipe]: recipe } = facts
  if (fingerprint === undefined || recipe === undefined) return undefined
  const { [FACT.encoder]: encoder = '', [FACT.headers]: headers = '', [FACT.maker]: maker } = facts
  return { fingerprint, recipe, encoder, headers, maker: maker === 'serve' ? 'serve' : 'build' }
}

/** Adds keys and records to a store of bytes. */
export const createResults = ({ store, keyring, cacheControl }: ResultsOptions): Results => {
  const headersOf = (format: Format): string =>
    store.keepsHeaders ? digestHeaders(format, { cacheControl, objectSettings: store.objectSettings }) : ''
  const toHeaders = (origin: ResultOrigin): ObjectHeaders => ({
    contentType: contentTypeOf(origin.format),
    cacheControl,
    metadata: toMetadata(origin, headersOf(origin.format)),
  })
  /** `md5`: the MD5 itself, or an ETag with it. */
  const toRecord = (origin: ResultOrigin, object: StoredObject, md5: string): ResultRecord => ({
    transform: origin.transform,
    format: origin.format,
    fingerprint: origin.fingerprint,
    recipe: origin.recipe,
    encoder: origin.encoder,
    headers: headersOf(origin.format),
    maker: origin.maker,
    sizeBytes: object.sizeBytes,
    ...toTags(md5, object.mark),
  })
  /** Reads the object `from`, if its bytes are those of `etag`. */
  const read = async (
    from: VariantKey,
    etag: string,
    signal: AbortSignal | undefined,
  ): Promise<ObjectBytes | undefined> => {
    const object = await store.get(from, { signal })
    return object !== undefined && isTagOf(etag, md5(object.bytes)) ? object : undefined
  }

  return {
    store,
    headersOf,
    ...createListing(store, keyring),
    put: async (key, bytes, { origin, md5: sum, createOnly = false, signal }) => {
      const result = await store.put(key, bytes, {
        headers: toHeaders(origin),
        createOnly,
        ...(sum !== undefined && { md5: sum }),
        signal,
      })
      return result.kind === 'stored' ? toRecord(origin, result.object, result.md5) : undefined
    },
    copy: async ({ key, mark }, to, record, signal) => {
      const options = { headers: toHeaders(record), signal }
      if (mark !== undefined) {
        const object = await store.copy(key, to, { ...options, mark })
        return object && toRecord(record, object, record.etag)
      }
      const object = await read(key, record.etag, signal)
      const result = object && (await store.put(to, object.bytes, options))
      return result?.kind === 'stored' ? toRecord(record, result.object, record.etag) : undefined
    },
    ask: async (result, signal) => {
      if (!store.keepsHeaders) return undefined
      const object = await store.head(result.key, { signal })
      const facts = readMetadata(object?.headers.metadata)
      if (object?.md5 === undefined || facts === undefined) return undefined
      // Without a mark, nothing shows that the bytes were not replaced after the metadata was written.
      if (object.mark === undefined && (await read(result.key, toTag(object.md5), signal)) === undefined)
        return undefined
      const named = { transform: result.transformText, format: result.variant.format }
      return { ...toRecord({ ...facts, ...named }, object, object.md5), headers: facts.headers }
    },
    alias: async ({ key, format, etag }, name, { createOnly = false, signal }) => {
      const object = await read(key, etag, signal)
      if (object === undefined) return 'gone'
      const headers: ObjectHeaders = {
        contentType: contentTypeOf(format),
        cacheControl,
        metadata: {},
        ...object.headers,
      }
      const { kind } = await store.put(name, object.bytes, { headers, createOnly, signal })
      return kind
    },
    md5Of: async (name) => {
      const facts = await store.head(name)
      if (facts?.md5 !== undefined) return facts.md5
      const object = facts && (await store.get(name))
      return object && md5(object.bytes)
    },
    hash: async (key, signal) => {
      const object = await store.get(key, { signal })
      return object && { md5: md5(object.bytes), sizeBytes: object.sizeBytes, mark: object.mark }
    },
  }
}

const createListing = (
  store: WritableStore,
  keyring: Pick<Keyring, 'verify'>,
): Pick<Results, 'list' | 'listPages' | 'listOf'> => {
  async function* listPages({ foreignCounts, onUnlisted, ...options }: ListResultsOptions) {
    const listing = pagesOf(store, {
      ...options,
      // Empty folders are removed at any time, so one may vanish during the listing.
      ...(onUnlisted && {
        onUnlisted: (path: string, problem: Problem) => {
          if (problem.code !== 'store-missing') onUnlisted(path, problem)
        },
      }),
    })
    for await (const page of listing) {
      const results: ListedResult[] = []
      for (const object of page) {
        if (object.key.startsWith(PRIVATE_PREFIX)) continue
        const verified = keyring.verify(object.key)
        if (verified !== undefined) results.push(toListed(verified, object))
        else if (foreignCounts !== undefined) foreignCounts.foreign++
      }
      yield results
    }
  }
  return {
    list: async function* (options) {
      for await (const page of listPages(options)) yield* page
    },
    listPages,
    listOf: async function* (source, { spelled = source, foreignCounts, signal }) {
      for await (const page of pagesOf(store, { prefix: `${spelled}/`, signal }))
        for (const object of page) {
          const verified = keyring.verify(source + object.key.slice(spelled.length))
          if (verified?.variant.source !== source) continue
          if (foreignCounts !== undefined && spelled !== source) foreignCounts.foreign--
          yield toListed(verified, object)
        }
    },
  }
}

const PRIVATE_PREFIX = `${PRIVATE_SEGMENT}/`

async function* pagesOf(store: ReadableStore, options: ListOptions): AsyncGenerator<readonly StoredObject[]> {
  if (store.listPages !== undefined) yield* store.listPages(options)
  else for await (const object of store.list(options)) yield [object]
}

// Spelled out: with millions of keys, a spread for each costs a tenth of a plan.
const toListed = (
  { key, variant, transformText, secretIndex }: VerifiedKey,
  { sizeBytes, modifiedAt, mark }: StoredObject,
): ListedResult => ({ key, variant, transformText, secretIndex, sizeBytes, modifiedAt, mark })

/** MD5 in hex: what `serve` sends as the ETag, whatever the store shows. */
export const md5 = (bytes: Uint8Array): string => hash('md5', bytes)
