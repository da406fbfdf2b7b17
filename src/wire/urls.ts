import type { Config } from '../config/config.ts'
import { transformedSize } from '../core/preparation.ts'
import { Problem } from '../core/problem.ts'
import { requireSourceKey, type SourceKey } from '../core/source-key.ts'
import { formatTransform, withVersion } from '../core/transform.ts'
import { spellKey } from '../url/keyring.ts'
import { formatUrl } from '../url/path.ts'
import type { Project } from './project.ts'
import type { SourceLook } from './source-look.ts'
import type { WantedUrl } from './wanted-urls.ts'

/** A source by the name that a user wrote. Problem `option-invalid` where no source can have that name. */
export const readSourceName = (text: string, { sources }: Pick<Config, 'sources'>): SourceKey => {
  const source = requireSourceKey(text)
  checkName(source, { sources })
  return source
}

/** With named sources, a key begins with one of their names. A URL of any other key would never work. */
const checkName = (source: SourceKey, { sources }: Pick<Config, 'sources'>): void => {
  const prefixes = sources.flatMap(({ name }) => (name === undefined ? [] : [`${name}/`]))
  if (prefixes.length === 0 || prefixes.some((prefix) => source.startsWith(prefix))) return
  throw new Problem(
    'option-invalid',
    `${JSON.stringify(source)} is in none of the sources; it must begin with the name of one: ${prefixes.join(', ')}`,
  )
}

/** One result of a source, and its signed URL. `width` and `height`, in pixels, are null where unknown. */
interface SignedUrl {
  readonly source: SourceKey
  readonly wanted: WantedUrl
  readonly width: number | null
  readonly height: number | null
  readonly key: string
  readonly url: string
}

/** Signs one URL. `toQuery` gives what follows the key in a URL that expires. */
export const toSigned = (
  source: SourceKey,
  wanted: WantedUrl,
  { look, project, toQuery }: { look: SourceLook; project: Project; toQuery: (key: string) => string },
): SignedUrl => {
  const { format } = wanted
  // If the transform names a version, the user wants that version signed.
  const transform =
    look.version === undefined || wanted.transform.version !== undefined
      ? wanted.transform
      : withVersion(wanted.transform, look.version)
  const transformText = formatTransform(transform)
  const signature = project.keyring.sign(source, transformText)
  const key = spellKey({ source, transformText, signature, ext: format })
  const size = look.size && transformedSize(transform, look.size)
  return {
    source,
    wanted,
    width: size?.width ?? null,
    height: size?.height ?? null,
    key,
    url: formatUrl(project.config.baseUrl, key) + toQuery(key),
  }
}

/** The fields of the contract, in its order (docs/reference/contracts.md). */
export const toUrlJson = ({ source, wanted, width, height, key, url }: SignedUrl) => ({
  source,
  size: wanted.size,
  format: wanted.format,
  width,
  height,
  key,
  url,
})

/** What {@link toUrlJson} gives. */
export type UrlJson = ReturnType<typeof toUrlJson>
