import { multiplyDensity } from '../../core/density.ts'
import type { Resize, Transform } from '../../core/transform.ts'
import { formatTransform, withVersion } from '../../core/transform.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { Dialect, ForeignRefusal, ForeignRequest, ForeignVariant } from '../../url/dialect.ts'
import { claimKey, type Keyring, type VariantKey } from '../../url/keyring.ts'
import { parseUrlPath } from '../../url/path.ts'

/** Our key for what a foreign URL shows. */
export interface ForeignKey {
  readonly kind: 'key'
  readonly key: VariantKey
  readonly variant: ForeignVariant
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
  /** The second name to store it under. */
  readonly alias?: string
  /** When its URL ends, in seconds since 1970; undefined where it does not end. */
  readonly expires?: number
}

/** Finds the key of a foreign URL. Undefined where no dialect knows the URL, or it is a key of ours as it stands. */
export type ResolveForeign = (request: ForeignRequest) => ForeignKey | ForeignRefusal | undefined

/** What foreign URLs are read with. */
export interface ForeignParts {
  /** In this order; the first that knows a URL reads it. */
  readonly dialects: readonly Dialect[]
  readonly keyring: Pick<Keyring, 'keyOf'>
  /** What `build` makes ahead, with keys that have no versions. */
  readonly expectation: Pick<Expectation, 'of'>
  /** The path above our own keys, with "/" at both ends. */
  readonly mount: string
}

/** Takes a configured transform where that shows the same as what the URL asks for: it may be made already. */
export const createForeign = ({ dialects, keyring, expectation, mount }: ForeignParts): ResolveForeign => {
  return (request) => {
    if (dialects.length === 0 || isOwn(request.rawPath, mount)) return undefined
    for (const dialect of dialects) {
      const reading = dialect.read(request)
      if (reading === undefined) continue
      if (reading.kind === 'refused') return reading
      const variant = { ...reading, transform: asConfigured(reading, expectation) }
      const { isNegotiated, alias, expires } = reading
      const key = keyring.keyOf(variant)
      return {
        kind: 'key',
        key,
        variant,
        isNegotiated,
        ...(alias !== undefined && { alias }),
        ...(expires !== undefined && { expires }),
      }
    }
    return undefined
  }
}

const isOwn = (rawPath: string, mount: string): boolean => {
  const text = parseUrlPath(rawPath, mount)
  return text !== undefined && claimKey(text) !== undefined
}

/**
 * A site that configures sizes also decides what happens with pictures smaller than the box, and with densities that
 * the original cannot fill. For all other pictures such a transform shows the same as the foreign URL asks for, and
 * its result is in the store already: then it is taken.
 */
const asConfigured = (
  { source, transform }: ForeignVariant,
  expectation: Pick<Expectation, 'of'>,
): Transform => {
  const twins = listTwins(transform)
  if (twins.length === 1) return transform
  const expected = new Set(
    expectation.of(source).map((result) => formatTransform(withVersion(result.transform, undefined))),
  )
  return twins.find((twin) => expected.has(formatTransform(twin))) ?? transform
}

/** Transforms that show the same of a large picture, the most similar first. */
const listTwins = (transform: Transform): readonly Transform[] => {
  const plain = multiplyDensity(transform)
  const kind = TWINS[plain.resize.kind]
  return [
    ...new Set([transform, plain]),
    ...(kind === undefined ? [] : [{ ...plain, resize: { ...plain.resize, kind } as Resize }]),
  ]
}

const TWINS: Readonly<Partial<Record<Resize['kind'], Resize['kind']>>> = {
  clip: 'cover',
  down: 'cover',
  stretch: 'fill',
}
