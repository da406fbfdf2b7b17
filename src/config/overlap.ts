import { isAbsolute, relative, sep } from 'node:path'
import { PRIVATE_SEGMENT } from '../core/source-key.ts'
import { unreachable } from '../core/unreachable.ts'
import type { Place, SourceConfig, WritablePlace } from './config.ts'
import type { ConfigDisk } from './disk.ts'
import { type Faults, joinPath } from './faults.ts'

/** Resolves links of folders; without it, only names are compared. */
type RealPath = ConfigDisk['realPath']

/**
 * What the keys of `inner` begin with when seen from `outer`: "" where both are the same place; undefined where `inner`
 * does not lie in `outer`. Two names of one server count as different.
 */
export const prefixWithin = (
  inner: Place,
  outer: Place,
  realPath: RealPath = (path) => path,
): string | undefined => {
  switch (inner.kind) {
    case 'folder': {
      if (outer.kind !== 'folder') return undefined
      const way = relative(realPath(outer.path), realPath(inner.path))
      if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined
      return way === '' ? '' : `${way.split(sep).join('/')}/`
    }
    case 's3': {
      if (outer.kind !== 's3' || inner.bucket !== outer.bucket) return undefined
      if (inner.settings.endpoint !== outer.settings.endpoint) return undefined
      return inner.prefix.startsWith(outer.prefix) ? inner.prefix.slice(outer.prefix.length) : undefined
    }
    case 'https':
      return undefined // it is never written to
    default:
      return unreachable(inner)
  }
}

interface OverlapContext {
  readonly faults: Faults
  readonly realPath?: RealPath | undefined
}

/**
 * The sources, each with the prefix of an output that lies inside it. A source inside the output is a fault: results
 * would be taken for sources of more results, and sources pruned like results.
 */
export const placeSources = (
  sources: readonly SourceConfig[],
  output: WritablePlace,
  { faults, realPath }: OverlapContext,
): readonly SourceConfig[] =>
  sources.map((source) => {
    const inOutput = prefixWithin(source.place, output, realPath)
    if (inOutput !== undefined)
      faults.add(
        toPath(source),
        inOutput === '' ? 'the same place as output' : 'a place inside the output',
        'a place of its own; the output may lie inside the source',
      )
    const outputPrefix = prefixWithin(output, source.place, realPath)
    return outputPrefix === undefined || outputPrefix === '' ? source : { ...source, outputPrefix }
  })

/** The ledger must not lie among results or originals: it would count as `foreign`, or as pictures to render. */
export const checkState = (
  state: WritablePlace,
  { sources, output }: { readonly sources: readonly SourceConfig[]; readonly output: WritablePlace },
  { faults, realPath }: OverlapContext,
): void => {
  const inOutput = prefixWithin(state, output, realPath)
  if (inOutput === `${PRIVATE_SEGMENT}/`) return // the default place
  const around =
    inOutput !== undefined
      ? 'output'
      : sources.filter(({ place }) => prefixWithin(state, place, realPath) !== undefined).map(toPath)[0]
  if (around !== undefined)
    faults.add('state', `a place in ${around}`, `a place of its own, or ${PRIVATE_SEGMENT}/ in the output`)
}

const toPath = ({ name }: SourceConfig): string => (name === undefined ? 'source' : joinPath('source', name))
