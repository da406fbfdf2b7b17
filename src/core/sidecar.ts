import { parseSourceKey, type SourceKey } from './source-key.ts'

const ENDING = '.json'

/** The name of the file beside an original that says something of it alone. */
export const sidecarOf = (source: SourceKey): string => source + ENDING

/** The original that a name is a sidecar's of, if it is one: `cat.jpg` of `cat.jpg.json`. */
export const sourceOfSidecar = (name: string): SourceKey | undefined =>
  name.endsWith(ENDING) ? parseSourceKey(name.slice(0, -ENDING.length)) : undefined
