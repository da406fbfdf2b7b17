import type { Problem } from '../core/problem.ts'

/**
 * The port of every place that bytes live in by key: folders, S3, HTTPS and memory, one file each, one contract
 * suite (`test/store/contract.ts`). Keys are relative to the store's root; an adapter adds its prefix itself.
 */

import type { KeyRange } from '../core/key-range.ts'
import type { Look, Mark } from '../core/mark.ts'
import type { KeyLimits } from '../core/source-key.ts'

/** One object as a listing shows it. */
export interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /**
   * What the store shows of the content's identity without reading it; undefined where it shows nothing, and the
   * bytes decide. Where `ReadableStore.marks` is `content` (S3: the ETag without quotes; memory) equal marks mean
   * equal bytes; where it is `date` (folders: dates) a changed mark proves nothing and the bytes decide.
   */
  readonly mark: Mark | undefined
}

/** What the store keeps beside the bytes; a folder keeps none of it. */
export interface ObjectHeaders {
  readonly contentType: string
  readonly cacheControl: string
  /** Our own facts of the result; names lower-case, values printable ASCII. */
  readonly metadata: Readonly<Record<string, string>>
}

/** An object looked up by itself. */
export interface ObjectFacts extends StoredObject {
  /** Of what the store keeps; empty for folders. */
  readonly headers: Partial<ObjectHeaders>
  /**
   * MD5 of the bytes, lower-case hex, where `put` has left it beside them; never guessed from a mark. Absent on
   * folders, and of what others have stored.
   */
  readonly md5?: string
}

/** An object with its whole bytes, read in one consistent piece and checked against its length. */
export interface ObjectBytes extends ObjectFacts {
  readonly bytes: Uint8Array
}

/** An object being read; `body` must be consumed or cancelled. */
export interface ObjectStream extends ObjectFacts {
  readonly body: ReadableStream<Uint8Array>
}

/** Bytes `start` to `end`, both included, as in RFC 9110. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Only keys of this range. */
export interface ListOptions extends KeyRange {
  /**
   * Keys, in their order, about equally much of the listing between them: a store that can lists several pieces at
   * once. Where they lie, and whether they come late, never, or fail, changes nothing else.
   */
  readonly splits?: AsyncIterable<string>
  readonly signal?: AbortSignal
  /** Told of each name that cannot be a key (bytes that are no UTF-8, a link out of the root), with the reason. */
  readonly onSkipped?: (name: string, reason: string) => void
  /** Whether anything at or below the folder `path` is wanted; where nothing is, it need not be entered. */
  readonly isEntered?: (path: string) => boolean
  /**
   * Told of each path that could not be looked at though the rest can: nobody knows what stands at or below it
   * (`store-denied`, `store-unavailable`; `store-missing` where it went away meanwhile). Without it the listing
   * fails, but for what went away.
   */
  readonly onUnlisted?: (path: string, problem: Problem) => void
}

export interface ReadOptions {
  readonly signal?: AbortSignal
  /** Larger objects are refused before they are read: Problem `source-too-large`. */
  readonly maxBytes?: number
  /** Where a whole object whose size is known is put; by default new memory. What it returns is exactly so large. */
  readonly allocate?: Allocate
}

export type Allocate = (sizeBytes: number) => Uint8Array

/**
 * A place to read from. A key that does not exist is `undefined`; a place that does not exist is a Problem
 * (`store-missing`), as are denied access (`store-denied`, naming the permission), wrong credentials
 * (`store-credentials`), an unreachable or failing server (`store-unavailable`) and one that takes too long
 * (`store-timeout`).
 */
export interface ReadableStore {
  /** The place in words for messages: no credentials in it. */
  readonly place: string
  readonly marks: 'content' | 'date'
  /** Whether there are names to be had at all; where not, `list` is a Problem `source-not-listable`. */
  readonly isListable: boolean
  /** Every object in UTF-8 byte order of keys, `.imgsizes/` included; one that goes backwards is a Problem `listing-disorder`. */
  list(options?: ListOptions): AsyncIterable<StoredObject>
  /** The same in the pieces that it comes in, where it does: a piece is one wait, however many keys it holds. */
  listPages?(options?: ListOptions): AsyncIterable<readonly StoredObject[]>
  head(key: string, options?: ReadOptions): Promise<ObjectFacts | undefined>
  get(key: string, options?: ReadOptions): Promise<ObjectBytes | undefined>
  /** As `get`, as a stream, of a part where `range` is given; the range must lie within the object. */
  open(key: string, options?: ReadOptions & { readonly range?: ByteRange }): Promise<ObjectStream | undefined>
  /**
   * As `get`, at once, where that costs less than to wait for it; `as-seen` where the object still shows `seen`.
   * Undefined says nothing: it is larger than `maxBytes`, or missing, or the place too slow for that.
   */
  readNow?(
    key: string,
    options: { readonly maxBytes: number; readonly seen?: Look | undefined },
  ): ObjectBytes | 'as-seen' | undefined
  /** Frees sockets and timers; the store is not used afterwards. */
  close(): Promise<void>
}

export type PutResult =
  | { readonly kind: 'stored'; readonly object: StoredObject; readonly md5: string }
  /** Only under `createOnly`: the key stands already and was left alone. */
  | { readonly kind: 'exists' }

export interface PutOptions {
  readonly headers: ObjectHeaders
  /** Leave an object that stands already. */
  readonly createOnly?: boolean
  /** Of the bytes, lower-case hex, where the caller knows it. */
  readonly md5?: string
  readonly signal?: AbortSignal
}

export interface CopyOptions {
  readonly mark: Mark
  readonly headers: ObjectHeaders
  readonly signal?: AbortSignal
}

/** A deletion that the store refused. */
export interface DeleteFailure {
  readonly key: string
  readonly message: string
}

/** A place to write to. Whoever reads a key sees the old object or the new one, whole, at any moment. */
export interface WritableStore extends ReadableStore {
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<PutResult>
  /**
   * As `put`, but only over an object that shows this mark, else it is `changed`: so nobody's change is lost. Absent
   * where marks do not tell contents.
   */
  replace?(
    key: string,
    bytes: Uint8Array,
    options: { readonly mark: Mark; readonly headers: ObjectHeaders; readonly signal?: AbortSignal },
  ): Promise<'replaced' | 'changed'>
  /**
   * Copies the object that shows this mark within the store, with new headers, perhaps onto itself; undefined where
   * `from` does not exist, or is another object by now: nothing is ever copied but what the caller has judged.
   */
  copy(from: string, to: string, options: CopyOptions): Promise<StoredObject | undefined>
  /** Deletes in batches; a key that does not exist counts as deleted. What could not be deleted is returned. */
  deleteAll(
    keys: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly DeleteFailure[]>
  /** Whether the store keeps {@link ObjectHeaders}, so that changed ones are a reason to copy an object onto itself. */
  readonly keepsHeaders: boolean
  /** A text of every setting that is applied to each object besides its headers (ACL, storage class). */
  readonly objectSettings: string
  readonly keyLimits: KeyLimits
  /**
   * How the place spells what stands at or below the path `key`, where it takes other names for that one (letter case,
   * composed accents): what a listing shows. Undefined where that is `key` itself, or nothing stands there. Absent
   * where every name is its own.
   */
  findOtherSpelling?(key: string): Promise<string | undefined>
  /** Has what stands at or below the path `key` spelled so, as far as the place lets. */
  mendSpelling?(key: string): Promise<void>
  /**
   * Sets up to `mostBytes` aside where room may run out while others still write; what is returned gives them back.
   * Of a place with little room it takes little or nothing, and never fails for want of it.
   */
  reserve?(mostBytes: number): Promise<() => Promise<void>>
  /**
   * Whether what is deleted or replaced remains, as versions of S3 do; undefined where nobody may ask. Absent where
   * there is no such thing.
   */
  keepsVersions?(): Promise<boolean | undefined>
  /**
   * By how much the store's clock is ahead of this machine's, in milliseconds: S3 tells with every answer, a folder when
   * it is probed for writing. 0 until then, and while they agree to a few seconds.
   */
  clockOffsetMs(): number
  /** Removes what writers that were killed an hour ago or more left behind. */
  sweep(options?: { readonly signal?: AbortSignal }): Promise<void>
  /**
   * Fails with a Problem where the place cannot be reached; `forWriting` also where nothing can be written there, as
   * far as that shows without an object of our own. `into`, a key of ours that ends in "/", is to be written to for
   * certain: a store that has no rights to look at leaves a small object there, always the same.
   */
  probe(options?: {
    readonly signal?: AbortSignal
    readonly forWriting?: boolean
    readonly into?: string
  }): Promise<void>
}
