import { findLeftOutKind } from '../app/batch/left-out.ts'
import type { AppEvent } from '../app/event.ts'
import type { Config } from '../config/config.ts'
import { isGlob } from '../config/match.ts'
import { compact } from '../core/defined.ts'
import { type Copies, findCopies } from '../core/resized-copy.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatCount, formatNumber } from './format-numbers.ts'

/** Of so many sources it is told how many are smaller copies. */
const MOST_NAMES = 20_000

interface SeenSource {
  readonly source: SourceKey
  readonly isIncluded: boolean
}

/**
 * Counts files that are pictures, but are left out by `include`; smaller copies, which are not; and folders that
 * `exclude` or `match` names without what lies in them.
 */
export const createLeftOut = (
  { exclude, sizes }: Pick<Config, 'exclude' | 'sizes'>,
  { isVerbose }: { readonly isVerbose: boolean },
): { see(source: SeenSource): void; tell(event: AppEvent): void; lines(): readonly string[] } => {
  const kinds = new Map<string, number>()
  const built: string[] = []
  const names = [exclude, ...sizes.map(({ match = [] }) => match)].flat().filter((glob) => !isGlob(glob))
  const folders = new Set<string>()
  const see = ({ source, isIncluded }: SeenSource): void => {
    if (isIncluded && built.length < MOST_NAMES) built.push(source)
    for (const name of names) if (source.startsWith(`${name}/`)) folders.add(name)
  }
  return {
    see,
    tell: (event) => {
      if (event.kind === 'source-planned') see(event)
      if (event.kind !== 'picture-left-out') return
      const kind = findLeftOutKind(event.source) ?? ''
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    },
    lines: () => {
      const counts = formatKinds(kinds)
      return compact(
        counts !== '' &&
          `Some pictures are left out, because \`include\` does not name them: ${counts}. Save them as JPEG or PNG${isVerbose ? '' : '; --verbose names each'}.`,
        ...[...folders].map(
          (name) =>
            `${JSON.stringify(name)} in \`exclude\` or \`match\` is a folder, and so names no picture: write '${name}/**'.`,
        ),
        ...findCopies(built).map(
          (copies) => `${formatCopies(copies)}: add '${copies.exclude}' to \`exclude\`.`,
        ),
      )
    },
  }
}

/** How many pictures are smaller copies that a program made, with an example. */
export const formatCopies = ({ count, maker, example }: Copies): string =>
  `${formatCount(count, 'picture')} of these ${count === 1 ? 'is a smaller copy' : 'are smaller copies'} by ${maker} (${example})`

/** `40 .heic, 2 .psd`: pictures by their endings. */
export const formatKinds = (kinds: ReadonlyMap<string, number>): string =>
  [...kinds]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${formatNumber(count)} .${kind}`)
    .join(', ')
