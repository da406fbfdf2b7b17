import { relative, sep } from 'node:path'
import { type Originals, UNTOLD } from '../../app/originals.ts'
import { type KnownSource, lookUpSources } from '../../app/site/look-up-sources.ts'
import type { PageSource, PublishedFile } from '../../app/site/page-source.ts'
import type { RewriteInput, SourcesBySize } from '../../app/site/rewrite-site.ts'
import {
  type Config,
  describePlace,
  folderOf,
  keyPrefixOf,
  type SizeConfig,
  type SourceConfig,
} from '../../config/config.ts'
import { compileMatch } from '../../config/match.ts'
import { resolveFormats } from '../../core/format.ts'
import { asProblem, Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { listCandidates } from '../../page/candidates.ts'
import type { Catalogue, ImageFacts, PageOverride, PageSize } from '../../page/catalogue.ts'
import { ownOrigins, toConfigCatalogue } from '../../page/config-catalogue.ts'
import { findSize } from '../../page/find-size.ts'
import type { Origins } from '../../page/find-source.ts'
import type { Images } from '../../page/images.ts'
import type { ImagesFile } from '../../page/images-json.ts'
import { openImagesJson } from '../../page/json-catalogue.ts'
import { openPagePictures, type PagePictures } from '../../page/page-pictures.ts'
import { offeredFormats } from '../../page/picture-data.ts'
import { createSiteSources, type NamedFolder, type SiteSources } from '../../page/site-sources.ts'
import { toPageOverride } from '../../page/spell-override.ts'
import { showsVector } from '../../page/vector-size.ts'
import { versionOf } from '../../url/version.ts'
import type { Project } from '../project.ts'

/** Where the pictures of a site's pages come from. */
export interface SiteSource {
  readonly addresses: SiteSources
  readonly lookUp: RewriteInput['lookUp']
  readonly listOfSizes?: RewriteInput['listOfSizes']
  /** The source that a path or an absolute URL names: see `createImages`. */
  toSource(text: string): SourceKey
  /** Names, in the order of the configuration. */
  readonly sizes: readonly string[]
}

/** How the pages of a site name its pictures. */
export interface SiteOptions {
  readonly origins: Origins
  /** The path of the site on its host, with "/" at both ends. Default: what the configuration shows, else "/". */
  readonly pathPrefix?: string
  /** What URLs begin with, in pictures that replace tags and in other ones. */
  readonly baseUrls?: (configured: string) => { readonly placed: string; readonly written: string }
  readonly signal?: AbortSignal | undefined
}

const openPictures = (catalogue: Catalogue, { baseUrls }: Pick<SiteOptions, 'baseUrls'>): PagePictures => {
  const { placed, written } = baseUrls?.(catalogue.baseUrl) ?? {
    placed: catalogue.baseUrl,
    written: catalogue.baseUrl,
  }
  return openPagePictures({ ...catalogue, baseUrl: written }, { placedBaseUrl: placed })
}

/** Sources from a configuration, signed with its secret, with what its ledger knows. */
export const openConfigSources = (
  project: Project,
  { origins, pathPrefix = sitePathOf(project.config), signal, ...options }: SiteOptions,
): SiteSource => {
  const { config, originals, ledger } = project
  const facts = new Map<SourceKey, ImageFacts>()
  const said = new Map<SourceKey, PageOverride | undefined>()
  const catalogue: Catalogue = {
    ...toConfigCatalogue(config, { origins }),
    overrideOf: (source) => said.get(source),
  }
  const pictures = openPictures({ ...catalogue, factsOf: (source) => facts.get(source) }, options)
  const findMade = (name: string, source: SourceKey): PageSize | undefined =>
    catalogue.sizes.some((size) => size.name === name) ? findSize(catalogue, name, source) : undefined
  return {
    addresses: createSiteSources(
      { ...ownOrigins(config), ...origins },
      config.sources.map(toFolder),
      pathPrefix,
    ),
    toSource: catalogue.toSource,
    sizes: config.sizes.map(({ name }) => name),
    ...(config.sources.every(({ place }) => folderOf(place) !== undefined) && {
      listOfSizes: (wanted) => listOfSizes(wanted, originals, signal),
    }),
    lookUp: async (wanted) => {
      const found = new Map<SourceKey, PageSource>()
      const { revision } = config
      const { attempt } = project.rules()
      await project.overrides.reload()
      for await (const known of lookUpSources({ originals, ledger, revision, attempt, signal }, wanted)) {
        const { source } = known
        if (known.facts !== undefined) facts.set(source, known.facts)
        const read = await project.overrides.read(source, signal).catch(asProblem)
        const [override, problem] = read instanceof Problem ? [undefined, read] : [read]
        const isExcluded = override?.exclude === true
        said.set(source, toPageOverride(override, config.sizes))
        const isShown = known.facts !== undefined && !isExcluded && problem === undefined
        found.set(source, {
          sizeBytes: known.sizeBytes,
          isIncluded: known.isIncluded && !isExcluded,
          ...(isShown && { pictures }),
          failure: problem?.message ?? known.failure,
          isMade: (size) => isMade(config.sizes, size, known.source),
          isVector: (size) => isVector(catalogue, size, known.source),
          largestBytes: (size) => largestBytes(known, findMade(size, source), { config, catalogue }),
          isBuilt: (size) => isBuilt(known, findMade(size, source), config),
          isOriginal: async (file) => {
            if (file.sizeBytes !== known.sizeBytes) return false
            // An ETag of S3 need not be a digest of the bytes.
            if (originals.marksOf(known.source) === 'content') return true
            const { version } = known.facts ?? {}
            if (version !== undefined) return isOfVersion(file, version, revision)
            return (await originals.read(known.source))?.fingerprint === (await file.digest()).sha256
          },
        })
      }
      return found
    },
  }
}

const listOfSizes = async (
  wanted: ReadonlySet<number>,
  originals: Originals,
  signal: AbortSignal | undefined,
): Promise<SourcesBySize> => {
  const found = new Map<number, SourceKey[]>([...wanted].map((sizeBytes) => [sizeBytes, []]))
  for await (const { key, sizeBytes } of originals.list({ ...UNTOLD, signal }))
    found.get(sizeBytes)?.push(key)
  return found
}

/** The path of the site on its host: `/docs/` where results in `static/img` are shown under `/docs/img/`. */
const sitePathOf = ({ output, baseUrl, root }: Pick<Config, 'output' | 'baseUrl' | 'root'>): string => {
  const folder = folderOf(output)
  if (folder === undefined || !/^\/(?!\/)/.test(baseUrl)) return '/'
  const onSite = baseUrl.split('/').filter(Boolean)
  const onDisk = relative(root, folder).split(sep).map(encodeURI)
  let shared = 0
  while (shared < onSite.length && onSite.at(-1 - shared) === onDisk.at(-1 - shared)) shared++
  const above = shared === 0 ? [] : onSite.slice(0, -shared)
  return above.length === 0 ? '/' : `/${above.join('/')}/`
}

/** Sources from images.json, or several of them, without a secret: all that they name. Problem `images-invalid`. */
export const openFileSources = (
  files: readonly ImagesFile[],
  { origins, pathPrefix = '/', ...options }: SiteOptions,
): SiteSource => {
  const catalogue = openImagesJson(files, { origins })
  const pictures = openPictures(catalogue, options)
  const revision = files[0]?.revision ?? ''
  return {
    // images.json does not say where originals are, so pages must name them by their whole path or by an origin.
    addresses: createSiteSources(origins, [{ path: '', prefix: '' }], pathPrefix),
    toSource: catalogue.toSource,
    sizes: catalogue.sizes.map(({ name }) => name),
    lookUp: async (wanted) => {
      const found = new Map<SourceKey, PageSource>()
      for (const source of wanted) {
        const facts = catalogue.factsOf(source)
        if (facts === undefined) continue
        found.set(source, {
          pictures,
          isMade: (size) => isSigned(pictures, source, size),
          isVector: (size) => isVector(catalogue, size, source),
          isOriginal: async (file) =>
            facts.version === undefined ||
            (await isOfVersion(file, facts.version, revision)) ||
            file.sizeBytes >= LEAST_PARTED_BYTES,
        })
      }
      return found
    },
  }
}

/**
 * Objects from this size on may be stored in parts on S3; then the ETag, and so the version, is no digest of the
 * bytes.
 */
const LEAST_PARTED_BYTES = 5 * 1024 * 1024

/** Whether a version belongs to these bytes: its fingerprint is their SHA-256, or their MD5 as on S3. */
const isOfVersion = async (file: PublishedFile, version: string, revision: string): Promise<boolean> => {
  const { sha256, md5 } = await file.digest()
  return [sha256, md5].some((fingerprint) => versionOf(fingerprint, revision) === version)
}

const isSigned = (images: Images, source: SourceKey, size: string): boolean => {
  try {
    images.url(source, size)
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'url-not-signed') return false
    throw error
  }
}

const toFolder = (source: SourceConfig): NamedFolder => {
  const { folder, bucket } = describePlace(source.place)
  return { path: folder?.replaceAll('\\', '/') ?? bucket?.prefix ?? '', prefix: keyPrefixOf(source) }
}

/** False for an unknown size, which is told elsewhere. */
const isVector = (catalogue: Catalogue, name: string, source: SourceKey): boolean => {
  const size = catalogue.sizes.find((each) => each.name === name)
  return size !== undefined && showsVector(catalogue, source, size)
}

/** Whether a size is made from a source; true for what is not the name of a size. */
export const isMade = (sizes: readonly SizeConfig[], name: string, source: SourceKey): boolean => {
  const match = sizes.find((size) => size.name === name)?.match
  return match === undefined || compileMatch(match)(source)
}

/** Bytes of the largest file in the format that pages offer first: the most that a modern browser loads. */
const largestBytes = (
  known: KnownSource,
  size: PageSize | undefined,
  { config, catalogue }: { readonly config: Config; readonly catalogue: Catalogue },
): number | undefined => {
  if (size === undefined || known.facts === undefined) return undefined
  const largest = listCandidates(size, known.facts).candidates.at(-1)
  const [format] = offeredFormats({ catalogue, source: known.source, facts: known.facts }, size)
  if (largest === undefined || format === undefined) return undefined
  const { version } = known.facts
  return known.resultBytes(config.versions ? `${largest.text}.v-${version}` : largest.text, format)
}

/** Whether the ledger knows every result of a size; undefined for what is not the name of a size. */
const isBuilt = (known: KnownSource, size: PageSize | undefined, config: Config): boolean => {
  if (size === undefined) return true
  const version = config.versions ? `.v-${known.facts?.version}` : ''
  const formats = resolveFormats(size.formats ?? config.formats, known.source)
  return size.transforms.every(({ text }) =>
    formats.every((format) => known.resultBytes(text + version, format) !== undefined),
  )
}
