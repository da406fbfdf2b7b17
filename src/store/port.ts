import type { Problem } from '../core/problem.ts'

/**
 * The port of every place where bytes are stored by key: folders, S3, HTTPS and memory, one file each, one contract
 * suite (`test/store/contract.ts`). Keys are relative to the store's root; an adapter adds its prefix itself.
 */

import type { KeyRange } from '../core/byte-order.ts'
import type { Mark, SeenObject } from '../core/mark.ts'
import type { KeyLimits } from '../core/source-key.ts'

/** One object as a listing shows it. */
export interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /**
   * What the store shows of the content without reading it; undefined where it shows nothing, and the bytes must
   * decide. Where `ReadableStore.marks` is `content` (S3: the ETag without quotes; memory), equal marks mean equal
   * bytes. Where it is `date` (folders), a changed mark proves nothing, and the bytes must decide.
   */
  readonly mark: Mark | undefined
}

/** What the store keeps beside the bytes; a folder keeps nothing of it. */
export interface ObjectHeaders {
  readonly contentType: string
  readonly cacheControl: string
  /** Our own facts about the result; names are lower-case, values printable ASCII. */
  readonly metadata: Readonly<Record<string, string>>
}

/** An object that was looked up by its key. */
export interface ObjectFacts extends StoredObject {
  /** What the store keeps of them; empty for folders. */
  readonly headers: Partial<ObjectHeaders>
  /**
   * MD5 of the bytes in lower-case hex, where `put` has stored it beside them; never derived from a mark. Undefined for
   * folders, and for objects that others have stored.
   */
  readonly md5?: string
}

/** An object with all of its bytes, read from one version and checked against its length. */
export interface ObjectBytes extends ObjectFacts {
  readonly bytes: Uint8Array
}

/** An object that is being read; `body` must be consumed or cancelled. */
export interface ObjectStream extends ObjectFacts {
  readonly body: ReadableStream<Uint8Array>
}

/** Bytes `start` to `end`, both included, as in RFC 9110. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Which keys are listed, and what is told about the others. */
export interface ListOptions extends KeyRange {
  /**
   * Keys in order, with about equally much of the listing between them: a store that can lists several pieces at once.
   * They change only the speed, wherever they lie, and even if they come late, never, or with an error.
   */
  readonly splits?: AsyncIterable<string>
  readonly signal?: AbortSignal | undefined
  /** Called with each name that cannot be a key (bytes that are not UTF-8, a link out of the root), and the reason. */
  readonly onSkipped?: (name: string, reason: string) => void
  /** Whether anything at or below the folder `path` is wanted; otherwise it need not be read. */
  readonly isEntered?: (path: string) => boolean
  /**
   * Called with each path that could not be read though others could: nobody knows what lies at or below it
   * (`store-denied`, `store-unavailable`; `store-missing` where it vanished meanwhile). Without this function, the
   * whole listing fails then, except for what vanished.
   */
  readonly onUnlisted?: (path: string, problem: Problem) => void
}

/** How an object is read. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Larger objects are refused before they are read: Problem `source-too-large`. */
  readonly maxBytes?: number
  /** Provides memory for a whole object of known size, exactly that large; by default new memory. */
  readonly allocate?: Allocate
}

/** Provides memory of exactly this size; its content is not defined. */
export type Allocate = (sizeBytes: number) => Uint8Array

/**
 * A place to read from. A key that does not exist gives `undefined`. Problems: the place does not exist
 * (`store-missing`), access is denied (`store-denied`, naming the permission), credentials are wrong
 * (`store-credentials`), the server cannot be reached or fails (`store-unavailable`), or takes too long
 * (`store-timeout`).
 */
export interface ReadableStore {
  /** The place for messages, without credentials. */
  readonly place: string
  readonly marks: 'content' | 'date'
  /** Whether the place can be listed; if not, `list` throws Problem `source-not-listable`. */
  readonly isListable: boolean
  /**
   * Every object in UTF-8 byte order of keys, also those of `.imgsizes/`. Problem `listing-disorder` where the store
   * has another order.
   */
  list(options?: ListOptions): AsyncIterable<StoredObject>
  /** The same in arrays as they arrive; absent where objects come one by one. */
  listPages?(options?: ListOptions): AsyncIterable<readonly StoredObject[]>
  head(key: string, options?: ReadOptions): Promise<ObjectFacts | undefined>
  get(key: string, options?: ReadOptions): Promise<ObjectBytes | undefined>
  /** As `get`, but as a stream, and only a part where `range` is given; the range must lie within the object. */
  open(key: string, options?: ReadOptions & { readonly range?: ByteRange }): Promise<ObjectStream | undefined>
  /**
   * As `get`, but synchronously, where this is faster than waiting; `as-seen` where the object still has the mark
   * `seen`. Undefined says nothing: the object may be larger than `maxBytes` or missing, or the place too slow.
   */
  readNow?(
    key: string,
    options: { readonly maxBytes: number; readonly seen?: SeenObject | undefined },
  ): ObjectBytes | 'as-seen' | undefined
  /** Frees sockets and timers; the store must not be used afterwards. */
  close(): Promise<void>
}

/** What became of a `put`. */
export type PutResult =
  | { readonly kind: 'stored'; readonly object: StoredObject; readonly md5: string }
  /** Only with `createOnly`: the key existed already, and was not changed. */
  | { readonly kind: 'exists' }

/** How an object is written. */
export interface PutOptions {
  readonly headers: ObjectHeaders
  /** Does not replace an object that exists already. */
  readonly createOnly?: boolean
  /** MD5 of the bytes in lower-case hex, where the caller knows it. */
  readonly md5?: string
  readonly signal?: AbortSignal | undefined
}

/** Which version is copied or replaced (`mark`), and the headers of what is written. */
export interface CopyOptions {
  readonly mark: Mark
  readonly headers: ObjectHeaders
  readonly signal?: AbortSignal | undefined
}

/** A deletion that the store refused. */
export interface DeleteFailure {
  readonly key: string
  readonly message: string
}

/** A place to write to. At any moment, a reader of a key sees the whole old object or the whole new one. */
export interface WritableStore extends ReadableStore {
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<PutResult>
  /**
   * As `put`, but only over an object that has this mark; otherwise `changed`, so that nobody's change is lost. Absent
   * where marks do not tell contents.
   */
  replace?(key: string, bytes: Uint8Array, options: CopyOptions): Promise<'replaced' | 'changed'>
  /**
   * Copies the object that has this mark within the store, with new headers, perhaps onto itself. Undefined where
   * `from` does not exist or has another mark now: only the object that the caller has looked at is ever copied.
   */
  copy(from: string, to: string, options: CopyOptions): Promise<StoredObject | undefined>
  /** Deletes in batches; a key that does not exist counts as deleted. Returns what could not be deleted. */
  deleteAll(
    keys: readonly string[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly DeleteFailure[]>
  /** Whether the store keeps {@link ObjectHeaders}; if so, an object with old ones is copied onto itself. */
  readonly keepsHeaders: boolean
  /** All settings that are applied to each object besides its headers (ACL, storage class), as one text. */
  readonly objectSettings: string
  readonly keyLimits: KeyLimits
  /**
   * How the place spells what lies at or below the path `key`, if it treats several names as one (letter case, composed
   * accents): a listing shows that spelling. Undefined where it is `key` itself, or nothing is there. Absent where
   * every name is different.
   */
  findOtherSpelling?(key: string): Promise<string | undefined>
  /** Renames what lies at or below the path `key` to this spelling, as far as the place lets. */
  mendSpelling?(key: string): Promise<void>
  /**
   * Reserves up to `mostBytes` of disk space where others may fill the disk; the returned function frees them. Where
   * little space is left it reserves little or nothing, and does not fail for that.
   */
  reserve?(mostBytes: number): Promise<() => Promise<void>>
  /**
   * Whether deleted and replaced objects are kept, as versions of S3 are; undefined where this may not be asked. Absent
   * where the place has no versions.
   */
  keepsVersions?(): Promise<boolean | undefined>
  /**
   * By how many milliseconds the store's clock is ahead of this machine's. S3 tells with every answer, a folder when it
   * is probed for writing. 0 until then, and for differences of up to a few seconds.
   */
  clockOffsetMs(): number
  /** Removes what killed writers left behind an hour ago or earlier. */
  sweep(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Fails with a Problem where the place cannot be reached; with `forWriting` also where nothing can be written there,
   * as far as that shows without writing. `into`, a key of ours that ends in "/", will certainly be written to: a store
   * that cannot check permissions leaves a small object there, always the same one.
   */
  probe(options?: {
    readonly signal?: AbortSignal | undefined
    readonly forWriting?: boolean
    readonly into?: string
  }): Promise<void>
}
