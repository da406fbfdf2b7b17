/** The parts of a {@link Problem} besides code and message. */
interface ProblemDetails {
  /** What to do next, one sentence. */
  readonly hint?: string | undefined
  /** What it is about: a source key, an object key, or a path in the configuration. */
  readonly subject?: string | undefined
  readonly cause?: unknown
}

/**
 * An expected failure: something a user, a picture or a network did, not a bug.
 *
 * `code` is stable, kebab-case and for programs; `message` is for people, and says what was found and what was
 * expected. Neither contains a secret. A bug is a plain `Error`, and is caught only at the edge.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly hint?: string
  readonly subject?: string

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    if (details.hint !== undefined) this.hint = details.hint
    if (details.subject !== undefined) this.subject = details.subject
  }
}

/** `error` if it is a {@link Problem}; anything else is thrown again, and reported as a bug at the edge. */
export const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  throw error
}

/** Whether `error` is a Problem that may be over in a moment, so that another attempt makes sense. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Problem && policyOf(error.code).again === 'soon'

/** What has to change, or who has to act, so that it succeeds. */
export type Fault =
  /** What the user wrote: configuration, flags, files that are named. */
  | 'setup'
  /** The bytes of an original: it fails again until they, the options or the program change. */
  | 'original'
  /** Only this result: others of the same original may succeed. */
  | 'result'
  /** This machine, or this process. */
  | 'machine'
  /** A whole place of originals or results. */
  | 'place'
  /** One key in a place. */
  | 'key'
  | 'queue'
  | 'ledger'
  /** A page or a program that asks the library for markup or URLs. */
  | 'page'
  /** Nobody: a guard keeps results from being deleted. */
  | 'guard'
  /** Whoever sent the request. */
  | 'request'

/** What follows from a code, for all code that acts on one. */
export interface Policy {
  readonly fault: Fault
  /**
   * Whether it may succeed later although nobody changes anything: `soon`, in seconds; `later`, when the place works
   * again; undefined: never.
   */
  readonly again?: 'soon' | 'later'
  /** The exit code of a command that ends with it; undefined: 1. */
  readonly exit?: 2
  /** The status of `serve`; undefined where it is no answer to a request. */
  readonly status?: number
}

/** Every code of a {@link Problem} or of an answer of `serve` and `watch`, with what follows from it. */
export const POLICIES = {
  // A configuration, flags and files that are named.
  'config-not-found': { fault: 'setup', exit: 2 },
  'config-failed': { fault: 'setup', exit: 2 },
  'config-invalid': { fault: 'setup', exit: 2 },
  'overrides-invalid': { fault: 'setup', exit: 2 },
  'overrides-missing': { fault: 'setup', exit: 2 },
  'overrides-changing': { fault: 'setup', again: 'soon' },
  'config-secret-missing': { fault: 'setup', exit: 2 },
  'config-exists': { fault: 'setup' },
  'secret-known': { fault: 'setup' },
  'pattern-invalid': { fault: 'setup', exit: 2 },
  'option-invalid': { fault: 'setup', exit: 2 },
  'images-invalid': { fault: 'setup', exit: 2 },
  'plan-damaged': { fault: 'setup', exit: 2 },
  'results-blocked': { fault: 'setup' },
  'results-not-shown': { fault: 'setup' },
  'file-not-read': { fault: 'setup' },
  'file-unreadable': { fault: 'setup' },
  'file-not-written': { fault: 'setup' },
  'stdout-not-written': { fault: 'machine' },
  'log-damaged': { fault: 'setup' },
  'nginx-too-deep': { fault: 'setup' },
  'nginx-too-large': { fault: 'setup' },
  'edge-unfit': { fault: 'setup' },
  'cannot-listen': { fault: 'setup' },
  'clock-differs': { fault: 'machine' },

  // An original, and what is made of it.
  'not-an-image': { fault: 'original', status: 422 },
  'image-unsupported': { fault: 'original', status: 422 },
  'image-corrupt': { fault: 'original', status: 422 },
  'too-many-pixels': { fault: 'original', status: 422 },
  'too-many-frames': { fault: 'original', status: 422 },
  'too-many-scans': { fault: 'original', status: 422 },
  'svg-unsafe': { fault: 'original', status: 422 },
  'source-too-large': { fault: 'original', status: 422 },
  'render-timeout': { fault: 'original', again: 'soon', status: 422 },
  'render-bug': { fault: 'original', status: 422 },
  'not-a-vector': { fault: 'result', status: 422 },
  'vector-unsafe': { fault: 'result', status: 422 },
  'output-too-large': { fault: 'result', status: 422 },
  'watermark-unknown': { fault: 'result', status: 404 },
  'render-crashed': { fault: 'original', again: 'soon', status: 422 },
  'too-large-for-memory': { fault: 'machine', status: 422 },
  'render-unavailable': { fault: 'machine', again: 'soon', status: 503 },
  'source-missing': { fault: 'key', status: 404 },
  'source-not-listable': { fault: 'place' },
  'source-twin': { fault: 'key' },
  'source-address-refused': { fault: 'setup' },
  'source-redirect-refused': { fault: 'setup' },

  // A place of originals or results.
  'store-unavailable': { fault: 'place', again: 'soon', status: 503 },
  'store-timeout': { fault: 'place', again: 'soon' },
  'store-denied': { fault: 'place' },
  'store-credentials': { fault: 'place' },
  'store-region': { fault: 'place' },
  'store-missing': { fault: 'place', again: 'later' },
  'store-full': { fault: 'place', again: 'later' },
  'store-unsupported': { fault: 'place' },
  'store-refused': { fault: 'place' },
  'store-key-refused': { fault: 'key' },
  'store-keeps-versions': { fault: 'place' },
  'listing-disorder': { fault: 'place' },
  'uploads-full': { fault: 'machine', again: 'soon' },

  'ledger-damaged': { fault: 'ledger' },
  'ledger-unread': { fault: 'ledger', again: 'later' },
  'ledger-too-new': { fault: 'ledger' },
  'shards-damaged': { fault: 'ledger' },
  'forced-damaged': { fault: 'ledger' },

  'delete-incomplete': { fault: 'place' },
  'prune-empty': { fault: 'guard' },
  'prune-share': { fault: 'guard' },

  'queue-unavailable': { fault: 'queue', again: 'soon' },
  'queue-timeout': { fault: 'queue', again: 'soon' },
  'queue-missing': { fault: 'queue' },
  'queue-denied': { fault: 'queue' },
  'queue-credentials': { fault: 'queue' },
  'queue-region': { fault: 'queue' },
  'queue-refused': { fault: 'queue' },

  // A worker that follows originals.
  'watch-no-folder': { fault: 'setup', exit: 2 },
  'watch-failed': { fault: 'setup' },
  'watch-bug': { fault: 'machine', again: 'later' },
  stopped: { fault: 'machine', again: 'soon' },

  // What a page asks the library for.
  'size-unknown': { fault: 'page' },
  'size-not-made': { fault: 'page' },
  'format-unknown': { fault: 'page' },
  'source-invalid': { fault: 'page' },
  'source-outside': { fault: 'page' },
  'source-url-unknown': { fault: 'page' },
  'site-missing': { fault: 'page' },
  'site-unknown': { fault: 'page' },
  'picture-alt-missing': { fault: 'page' },
  'picture-not-built': { fault: 'page' },
  'picture-not-drawn': { fault: 'page' },
  'picture-size-invalid': { fault: 'page' },
  'picture-size-unknown': { fault: 'page' },
  'url-not-signed': { fault: 'page' },
  'link-not-signed': { fault: 'page' },
  'link-endless': { fault: 'page' },
  'link-end-missing': { fault: 'page' },
  'link-end-invalid': { fault: 'page' },

  // Answers of `serve`.
  'not-a-key': { fault: 'request', status: 404 },
  'url-invalid': { fault: 'request', status: 404 },
  'url-expired': { fault: 'request', status: 404 },
  'format-not-configured': { fault: 'request', status: 404 },
  'transform-not-configured': { fault: 'request', status: 404 },
  'signature-wrong': { fault: 'request', status: 403 },
  'secret-retired': { fault: 'request', status: 403 },
  'link-invalid': { fault: 'request', status: 403 },
  'source-unavailable': { fault: 'place', again: 'soon', status: 502 },
  'source-changing': { fault: 'place', again: 'soon', status: 502 },
  'source-timeout': { fault: 'place', again: 'soon', status: 504 },
  'store-changing': { fault: 'place', again: 'soon', status: 503 },
  overloaded: { fault: 'machine', again: 'soon', status: 503 },
  draining: { fault: 'machine', again: 'soon', status: 503 },
  unavailable: { fault: 'machine', again: 'soon', status: 502 },
  'not-ready': { fault: 'machine', again: 'soon', status: 503 },
  'too-many-connections': { fault: 'machine', again: 'soon', status: 503 },
  internal: { fault: 'machine', status: 500 },
  'client-gone': { fault: 'request', status: 499 },
  'method-not-allowed': { fault: 'request', status: 405 },
  'precondition-failed': { fault: 'request', status: 412 },
  'range-not-satisfiable': { fault: 'request', status: 416 },
  'expectation-unknown': { fault: 'request', status: 417 },
  'request-malformed': { fault: 'request', status: 400 },
  'host-wrong': { fault: 'request', status: 400 },
  'transfer-encoding-wrong': { fault: 'request', status: 400 },
  'request-timeout': { fault: 'request', status: 408 },
  'head-too-large': { fault: 'request', status: 431 },
  'http-version-unknown': { fault: 'request', status: 505 },

  // Answers to what pushes events to `watch --listen`.
  'event-unreadable': { fault: 'request', status: 400 },
  'token-wrong': { fault: 'request', status: 401 },
  'not-an-event': { fault: 'request', status: 405 },
  'body-too-large': { fault: 'request', status: 413 },
  'events-full': { fault: 'request', again: 'soon', status: 503 },
  'event-not-kept': { fault: 'request', again: 'soon', status: 503 },
} as const satisfies Readonly<Record<string, Policy>>

/** The name of a problem: stable, kebab-case, for programs. */
export type ProblemCode = keyof typeof POLICIES

/** What follows from a code. */
export const policyOf = (code: ProblemCode): Policy => POLICIES[code]

/** The HTTP status of an answer with this code; 500 where none was meant to be told. */
export const problemStatusOf = (code: ProblemCode): number => policyOf(code).status ?? 500

/** Whether a failure will repeat until the original's bytes, the options or the program change. */
export const isOfPicture = (code: ProblemCode): boolean => {
  const { fault } = policyOf(code)
  return fault === 'original' || fault === 'result'
}

/** A code that another process or version has written; undefined where this version does not know it. */
export const parseProblemCode = (text: string): ProblemCode | undefined =>
  Object.hasOwn(POLICIES, text) ? (text as ProblemCode) : undefined

/** Where the code is explained: a path in the repository, and the anchor on that page. */
export const toReference = (code: ProblemCode | ''): string => `docs/reference/problems.md#${code}`

/** The `type` of RFC 9457. It only names the kind of problem; it is no URL to fetch, since there is no site. */
export const toProblemType = (code: ProblemCode | ''): string => `tag:imgsizes,2026:${toReference(code)}`
