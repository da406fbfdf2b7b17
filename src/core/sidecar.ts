import { parseSourceKey, type SourceKey } from './source-key.ts'

const ENDING = '.json'

/** The name of the file beside an original that sets options for that picture only. */
export const sidecarOf = (source: string): string => source + ENDING

/** The original that a sidecar belongs to: `cat.jpg` for `cat.jpg.json`; undefined for other names. */
export const sourceOfSidecar = (name: string): SourceKey | undefined =>
  name.endsWith(ENDING) ? parseSourceKey(name.slice(0, -ENDING.length)) : undefined
