import { countBytes } from './byte-order.ts'
import type { Mark } from './mark.ts'

declare const sourceKeyBrand: unique symbol

/**
 * The path of an original relative to its root, "/" between segments; with named sources the first segment is
 * the name. Only {@link parseSourceKey} makes one. Compared by UTF-8 bytes, never normalised, never case-folded.
 */
export type SourceKey = string & { readonly [sourceKeyBrand]: true }

/** An original as its store lists it. */
export interface Source {
  readonly key: SourceKey
  readonly sizeBytes: number
  /** Milliseconds since 1970, for people; never what makes a result fresh. */
  readonly modifiedAt: number
  /** What the listing shows of the content's identity: see `StoredObject.mark`. */
  readonly mark: Mark | undefined
  /** The ETag on S3, where it shows one; SHA-256 of the bytes elsewhere; absent until someone has read them. */
  readonly fingerprint?: string
}

/** The longest object key of S3 in bytes, and so of output prefix and key together. */
export const MAX_KEY_BYTES = 1024

/** What a place takes of a key, in bytes of UTF-8. */
export interface KeyLimits {
  /** Length of what the place puts before every key: it counts towards {@link MAX_KEY_BYTES}. */
  readonly prefixBytes: number
  /** Of what lies between two "/"; infinite where only the whole counts. */
  readonly maxSegmentBytes: number
}

/** The first segment under which everything lies that is not a result. */
export const PRIVATE_SEGMENT = '.imgsizes'

/** The first segment of a source key where sources are named. */
export const SOURCE_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/

/** The source key that `text` spells, or undefined where it cannot be one (docs/reference/contracts.md). */
export const parseSourceKey = (text: string): SourceKey | undefined =>
  whyNotSourceKey(text) === undefined ? (text as SourceKey) : undefined

/** Why `text` cannot be a source key, in words; undefined where it can. */
export const whyNotSourceKey = (text: string): string | undefined => {
  if (!text.isWellFormed()) return 'is not valid Unicode'
  if (FORBIDDEN.test(text)) return 'holds a backslash or a control character'
  const segments = text.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'has an empty, "." or ".." segment'
  if (segments[0] === PRIVATE_SEGMENT) return `lies under ${PRIVATE_SEGMENT}/`
  if (countBytes(text) > MAX_KEY_BYTES) return `is longer than ${MAX_KEY_BYTES} bytes`
  return undefined
}

// C0, DEL and C1: the control characters of Unicode's category Cc.
const FORBIDDEN = /[\\\u0000-\u001f\u007f-\u009f]/
