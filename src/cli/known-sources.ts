import { suggestName } from '../config/suggest.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Project } from '../wire/project.ts'

/** Names looked at for one that may be meant: more would take longer than they help. */
const MOST_LISTED = 10_000

/** The first sources as their places list them; none of a place that cannot be listed. */
export const listSomeSources = async (
  { originals }: { readonly originals: Pick<Project['originals'], 'list'> },
  { signal, most = MOST_LISTED }: { readonly signal: AbortSignal; readonly most?: number },
): Promise<readonly SourceKey[]> => {
  const names: SourceKey[] = []
  try {
    for await (const { key } of originals.list({ signal, onSkipped: () => {} })) {
      names.push(key)
      if (names.length >= most) break
    }
  } catch {
    signal.throwIfAborted() // why it cannot be listed is told where the listing is what was asked for
  }
  return names
}

/**
 * The one of `names` that `name` most likely means: what is left of it without the folders above the sources, a file
 * of its name in another folder, or a slip of the pen.
 */
export const suggestSource = (name: string, names: readonly string[]): string | undefined => {
  const file = fileOf(name)
  return (
    names.find((known) => name.endsWith(`/${known}`)) ??
    names.find((known) => fileOf(known) === file) ??
    suggestName(name, names)
  )
}

const fileOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase()
