import { type Config, describePlace, keyPrefixOf, type SizeConfig } from '../config/config.ts'
import type { ConfigInput } from '../config/config-input.ts'
import { createOverridesNow } from '../config/overrides-now.ts'
import { resolveConfig } from '../config/resolve.ts'
import { requireSecrets } from '../config/secrets.ts'
import { defined } from '../core/defined.ts'
import { toVectorTransform } from '../core/format.ts'
import { formatTransform, parseTransform } from '../core/transform.ts'
import { createKeyring } from '../url/keyring.ts'
import type { Catalogue, PageSize } from './catalogue.ts'
import { type Origins, toSource } from './find-source.ts'
import { type Images, openImages } from './images.ts'
import type { ImagesFile } from './images-json.ts'
import { openImagesJson } from './json-catalogue.ts'
import { createLinkQuery } from './link-query.ts'
import { toPageOverride } from './spell-override.ts'

/** What is known besides the configuration. */
export interface CreateImagesOptions {
  /** The file of `imgsizes build --images`, parsed; several if it was split. */
  readonly images?: ImagesFile | readonly ImagesFile[]
  /**
   * The URLs of originals, in addition to those of HTTPS sources: what a URL begins with, and what the
   * source key then begins with, "" or the name of a source with "/".
   */
  readonly origins?: Origins
}

/** A configuration as written; its places may be left out. */
export type PageConfig = Omit<ConfigInput, 'source' | 'output'> &
  Partial<Pick<ConfigInput, 'source' | 'output'>>

/**
 * URLs and markup from a configuration, signed with its secret: for servers and builds. In a browser, or without
 * the secret, `imgsizes/browser` does the same from images.json. Problems `config-invalid`,
 * `config-secret-missing`.
 */
export const createImages = (config: PageConfig | Config, options: CreateImagesOptions = {}): Images =>
  openImages(toConfigCatalogue(isResolved(config) ? config : resolve(config), options))

/** A configuration in the form that markup is made from. */
export const toConfigCatalogue = (config: Config, { images, origins }: CreateImagesOptions): Catalogue => {
  const keyring = createKeyring(requireSecrets(config))
  const known = images === undefined ? undefined : openImagesJson(images)
  const readNow = createOverridesNow(config)
  const allOrigins = { ...ownOrigins(config), ...origins }
  return {
    baseUrl: config.baseUrl,
    formats: config.formats,
    sizes: config.sizes.map(toPageSize),
    ...defined({ vector: vectorOf(config) }),
    hasVersions: config.versions,
    parseTransform,
    toSource: (text) => toSource(text, allOrigins),
    factsOf: (source) => known?.factsOf(source),
    overrideOf: (source) =>
      known?.factsOf(source) === undefined
        ? toPageOverride(readNow(source), config.sizes)
        : known.overrideOf(source),
    sign: keyring.sign,
    linkQuery: createLinkQuery(config),
  }
}

/** A configured size, with the spellings of its transforms. */
export const toPageSize = ({ name, transforms, formats, sizes, draws }: SizeConfig): PageSize => {
  const spelled = transforms.map((each) => ({ ...each, text: formatTransform(each.transform) }))
  return { name, transforms: spelled, formats, sizes, draws }
}

/** How vectors are shown; undefined where they are drawn. */
export const vectorOf = ({ vectors, quality }: Pick<Config, 'vectors' | 'quality'>): Catalogue['vector'] => {
  const transform = toVectorTransform(quality)
  return vectors === 'keep' ? { transform, text: formatTransform(transform) } : undefined
}

/** The URLs of HTTPS sources. */
export const ownOrigins = ({ sources }: Config): Origins =>
  Object.fromEntries(
    sources.flatMap((source) => {
      const { url } = describePlace(source.place)
      return url === undefined ? [] : [[url, keyPrefixOf(source)]]
    }),
  )

const isResolved = (config: PageConfig | Config): config is Config => 'secrets' in config

/** Pages need no places: where a configuration in code has none, these are used, and never opened. */
const resolve = ({ source = 'https://source.invalid/', output = './nowhere', ...rest }: PageConfig): Config =>
  resolveConfig({ ...rest, source, output }, { root: '.' })
