import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'

/** Source folders that are not there: no reason not to serve what is stored, and most often a slip. */
export const listMissingFolders = ({ sources }: Pick<Config, 'sources'>): readonly string[] =>
  sources.flatMap(({ place }) => (place.kind === 'folder' && !existsSync(place.path) ? [place.path] : []))
