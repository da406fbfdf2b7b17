import { multiplyDensity } from '../../core/density.ts'
import { formatTransform, type Resize, type Transform, withVersion } from '../../core/transform.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { Dialect, ForeignRefusal, ForeignRequest, ForeignVariant } from '../../url/dialect.ts'
import type { Keyring } from '../../url/keyring.ts'
import type { RequestedKey } from './name-key.ts'

/** Finds the key of a foreign URL; undefined where no dialect knows the URL. */
export type ResolveForeign = (request: ForeignRequest) => RequestedKey | ForeignRefusal | undefined

interface ForeignParts {
  /** In this order; the first that knows a URL reads it. */
  readonly dialects: readonly Dialect[]
  readonly keyring: Pick<Keyring, 'claimOf'>
  /** What `build` makes ahead, with keys that have no versions. */
  readonly expectation: Pick<Expectation, 'of'>
}

/** Takes a configured transform where that shows the same as what the URL asks for: it may be made already. */
export const createForeign =
  ({ dialects, keyring, expectation }: ForeignParts): ResolveForeign =>
  (request) => {
    for (const dialect of dialects) {
      const reading = dialect.read(request)
      if (reading?.kind === 'refused') return reading
      if (reading === undefined) continue
      const { isNegotiated, alias, expires } = reading
      return {
        kind: 'key',
        claim: keyring.claimOf({ ...reading, transform: asConfigured(reading, expectation) }),
        foreign: { isNegotiated, ...(alias !== undefined && { alias }) },
        ...(expires !== undefined && { expires }),
      }
    }
    return undefined
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
