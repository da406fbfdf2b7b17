import type { SourceKey } from '../core/source-key.ts'
import type { SourceConfig } from './config.ts'

/** What the keys of a source's originals begin with: its name and "/", where it has a name. */
export const keyPrefixOf = ({ name }: { readonly name?: string | undefined }): string =>
  name === undefined ? '' : `${name}/`

/** A configured source, and the name of one of its originals there. */
export interface LocatedSource extends SourceConfig {
  readonly inner: string
}

/** Where an original is, by its key; undefined where no source has keys like it. */
export const locateSource = (sources: readonly SourceConfig[], key: SourceKey): LocatedSource | undefined => {
  const own = sources.find((source) => key.startsWith(keyPrefixOf(source)))
  return own && { ...own, inner: key.slice(keyPrefixOf(own).length) }
}
