import { findLeftOutKind } from '../app/batch/left-out.ts'
import type { AppEvent } from '../app/event.ts'
import { formatNumber } from './format-numbers.ts'

/** Counts files that are pictures, but are left out by `include`. */
export const createLeftOut = (): { tell(event: AppEvent): void; lines(): readonly string[] } => {
  const kinds = new Map<string, number>()
  return {
    tell: (event) => {
      if (event.kind !== 'picture-left-out') return
      const kind = findLeftOutKind(event.source) ?? ''
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    },
    lines: () => {
      const counts = formatKinds(kinds)
      if (counts === '') return []
      return [
        `Some pictures are left out, because \`include\` does not name them: ${counts}. Save them as JPEG or PNG; --verbose names each.`,
      ]
    },
  }
}

/** `40 .heic, 2 .psd`: pictures by their endings. */
export const formatKinds = (kinds: ReadonlyMap<string, number>): string =>
  [...kinds]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${formatNumber(count)} .${kind}`)
    .join(', ')
