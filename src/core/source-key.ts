import { countBytes } from './byte-order.ts'
import type { Mark } from './mark.ts'
import { Problem } from './problem.ts'

declare const sourceKeyBrand: unique symbol

/**
 * The path of an original relative to its root, with "/" between segments; with named sources the first segment is
 * the name. Only {@link parseSourceKey} makes one. Compared by UTF-8 bytes, never normalised, case-sensitive.
 */
export type SourceKey = string & { readonly [sourceKeyBrand]: true }

/** An original as its store lists it. */
export interface Source {
  readonly key: SourceKey
  readonly sizeBytes: number
  /** Milliseconds since 1970, for people; it never decides whether a result is fresh. */
  readonly modifiedAt: number
  /** What the listing shows of the content: see `StoredObject.mark`. */
  readonly mark: Mark | undefined
  /** The ETag on S3, where shown; elsewhere SHA-256 of the bytes; undefined until the bytes were read. */
  readonly fingerprint?: string
}

/** The longest object key of S3 in bytes; output prefix and key together must fit. */
export const MAX_KEY_BYTES = 1024

/** Which keys a place can hold, in bytes of UTF-8. */
export interface KeyLimits {
  /** Length of the text before every key of the place: it counts towards {@link MAX_KEY_BYTES}. */
  readonly prefixBytes: number
  /** The longest part between two "/"; infinite where only the whole key counts. */
  readonly maxSegmentBytes: number
}

/** The first segment of all keys that are no results. */
export const PRIVATE_SEGMENT = '.imgsizes'

/** The name of a source: the first segment of its keys where sources are named. */
export const SOURCE_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/

/** `text` as a source key; undefined where it cannot be one (docs/reference/contracts.md). */
export const parseSourceKey = (text: string): SourceKey | undefined =>
  whyNotSourceKey(text) === undefined ? (text as SourceKey) : undefined

/** The source key that a user wrote. Problem `option-invalid` where no source can have that name. */
export const requireSourceKey = (text: string): SourceKey => {
  const key = parseSourceKey(text)
  if (key !== undefined) return key
  throw new Problem(
    'option-invalid',
    `${JSON.stringify(text)} is not a source name: it ${whyNotSourceKey(text)}`,
    { hint: 'Give the path of the original below its source, such as animals/cat.jpg.' },
  )
}

/** Why `text` cannot be a source key, in words; undefined where it can. */
export const whyNotSourceKey = (text: string): string | undefined => {
  if (!text.isWellFormed()) return 'is not valid Unicode'
  if (FORBIDDEN.test(text)) return 'has a backslash or a control character'
  const segments = text.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'has an empty, "." or ".." segment'
  if (segments[0] === PRIVATE_SEGMENT) return `lies under ${PRIVATE_SEGMENT}/`
  if (countBytes(text) > MAX_KEY_BYTES) return `is longer than ${MAX_KEY_BYTES} bytes`
  return undefined
}

// C0, DEL and C1: the control characters of Unicode's category Cc.
const FORBIDDEN = /[\\\u0000-\u001f\u007f-\u009f]/

const ENDING = '.json'

/** The name of the file beside an original that sets options for that picture only. */
export const sidecarOf = (source: string): string => source + ENDING

/** The original that a sidecar belongs to: `cat.jpg` for `cat.jpg.json`; undefined for other names. */
export const sourceOfSidecar = (name: string): SourceKey | undefined =>
  name.endsWith(ENDING) ? parseSourceKey(name.slice(0, -ENDING.length)) : undefined
