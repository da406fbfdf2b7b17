import { LRUCache } from 'lru-cache'
import { contentTypeOf, RASTER_FORMATS } from '../../core/format.ts'
import { withVersion } from '../../core/transform.ts'
import type { VariantKey, VerifiedKey } from '../../url/keyring.ts'
import { encodePath, parseTarget, type RequestTarget } from '../../url/path.ts'
import { type GateRules, whyNotMade } from '../origin/cold.ts'
import type { VersionRules } from '../origin/current-transform.ts'
import { type NamingRules, nameKey } from '../origin/name-key.ts'
import { type RequestRules, readRequest } from '../origin/read-request.ts'
import { type Refused, refuse } from '../origin/refusal.ts'
import type { LogRequest } from './log-line.ts'

/** Everything that decides what `serve` makes of a URL before it looks anywhere. */
interface LogUrlRules extends RequestRules, NamingRules, GateRules, VersionRules {
  /** What object keys begin with before our keys, in an S3 log. */
  readonly outputPrefix: string
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * The variants that a request asks for, as keys under the first secret. Without versions where keys have them, because
 * only the original tells which version is current.
 */
export type ReadLogUrl = (request: LogRequest) => readonly VariantKey[] | Refused

/** Memory for URLs and what came of them, approximately: a log repeats the same URLs many times. */
const MAX_REMEMBERED_BYTES = 24 * 1024 * 1024
const ENTRY_BYTES = 400

/** Remembers recent URLs. */
export const createLogUrlReader = (rules: LogUrlRules): ReadLogUrl => {
  const known = new LRUCache<string, readonly VariantKey[] | Refused>({
    maxSize: MAX_REMEMBERED_BYTES,
    sizeCalculation: (outcome, id) =>
      id.length + ENTRY_BYTES + ('kind' in outcome ? 0 : outcome.reduce((sum, key) => sum + key.length, 0)),
  })
  return (request) => {
    const id = `${request.bucket ?? ''} ${request.target}`
    const remembered = known.get(id)
    if (remembered !== undefined) return remembered
    const outcome = readSpellings(request, rules)
    known.set(id, outcome)
    return outcome
  }
}

/** The first spelling that names something; else the most informative refusal. */
const readSpellings = (request: LogRequest, rules: LogUrlRules): readonly VariantKey[] | Refused => {
  let refused: Refused | undefined
  for (const target of listSpellings(request, rules)) {
    const outcome = readTarget(target, rules)
    if (!('kind' in outcome)) return outcome
    if (refused === undefined || refused.code === 'not-a-key') refused = outcome
  }
  return refused ?? refuse('not-a-key')
}

/**
 * What the request may have been. S3 logs the path of an object, after the bucket's name where that is not
 * in the host; without that and the output's prefix it is a key of ours, which lies under the mount. CloudFront
 * escapes what is escaped already. Signatures decide which spelling is right.
 */
function* listSpellings(
  { target, bucket }: LogRequest,
  { mount, outputPrefix }: LogUrlRules,
): Generator<RequestTarget> {
  const asked = parseTarget(target)
  if (bucket !== undefined) {
    const prefix = encodePath(outputPrefix)
    for (const start of [`/${bucket}/${prefix}`, `/${prefix}`])
      if (asked.path.startsWith(start)) yield { ...asked, path: mount + asked.path.slice(start.length) }
  }
  yield asked
  if (target.includes('%25')) yield parseTarget(target.replaceAll('%25', '%'))
}

/**
 * No log tells which formats a visitor's browser accepts: so a URL whose format depends on `Accept` stands for every
 * format that some `Accept` gives. Each format's own type, and none at all, give all of them.
 */
const ACCEPTS = [undefined, ...RASTER_FORMATS.map(contentTypeOf)] as const

const readTarget = (target: RequestTarget, rules: LogUrlRules): readonly VariantKey[] | Refused => {
  const keys = new Set<VariantKey>()
  for (const accept of ACCEPTS) {
    const named = readOne(target, accept, rules)
    if ('kind' in named) return named
    keys.add(toCountedKey(named.verified, rules))
    if (!named.isNegotiated) break
  }
  return [...keys]
}

const readOne = (
  target: RequestTarget,
  accept: string | undefined,
  rules: LogUrlRules,
): { readonly verified: VerifiedKey; readonly isNegotiated: boolean } | Refused => {
  const accepted = accept === undefined ? {} : { accept }
  const asked = readRequest({ ...target, ...accepted, now: rules.now }, rules)
  if (asked.kind === 'refused') return asked
  const named = nameKey({ ...asked, ...accepted }, rules)
  if ('kind' in named) return named
  const { variant } = named.verified
  return whyNotMade({ variant, isForeign: asked.foreign !== undefined }, rules) ?? named
}

const toCountedKey = (
  { key, variant, secretIndex }: VerifiedKey,
  { versions, keyring }: LogUrlRules,
): VariantKey => {
  const transform = versions ? withVersion(variant.transform, undefined) : variant.transform
  const isSame = secretIndex === 0 && transform.version === variant.transform.version
  return isSame ? key : keyring.keyOf({ ...variant, transform })
}
