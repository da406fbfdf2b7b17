import type { Config } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import { type Format, isVectorSource, resolveFormats } from '../core/format.ts'
import type { Override } from '../core/override.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatTransform } from '../core/transform.ts'
import type { Keyring } from '../url/keyring.ts'
import { versionOf } from '../url/version.ts'
import type { ImageFacts, PageOverride } from './catalogue.ts'
import { vectorOf } from './config-catalogue.ts'
import { offerFormats } from './format-order.ts'
import { formatImageJson, listTransforms, type OverrideJson, type SizeJson } from './images-json.ts'
import { pickFallback } from './picture-data.ts'
import { toPageOverride } from './spell-override.ts'

/** The parts of images.json for a configuration: `start`, lines joined by `between`, `end`. */
export const createImagesFormat = (config: Config, keyring: Pick<Keyring, 'sign'>) => {
  const sizes = toSizesJson(config)
  const kept = vectorOf(config)
  const vector = kept && { transform: kept.text, parsed: kept.transform }
  const texts = listTransforms({ sizes, ...(vector && { vector }) })
  // The transform of vectors comes last, so that lines of other sources need no space for it.
  const textsOfOthers = listTransforms({ sizes })
  const match = createMatcher(config)
  const { baseUrl, versions, formats, revision } = config
  const expiring = config.serve.expiring && { expiring: true }
  const head = {
    imgsizes: 'images',
    version: 1,
    baseUrl,
    versions,
    ...expiring,
    ...(revision !== '' && { revision }),
    formats,
    sizes,
    vector,
  }
  return {
    start: `${JSON.stringify(head).slice(0, -1)},"images":{\n`,
    between: ',\n',
    end: '\n}}\n',
    /** One source with its signatures; `fingerprint` belongs to the bytes that the facts describe. */
    lineOf: (
      source: SourceKey,
      facts: Omit<ImageFacts, 'version'>,
      { fingerprint, override }: { readonly fingerprint: string; readonly override?: Override | undefined },
    ): string => {
      const version = versionOf(fingerprint, revision)
      const { isVector, drawn, made } = match(source)
      const said = toPageOverride(override, drawn)
      const sign = (text: string): string => keyring.sign(source, versions ? `${text}.v-${version}` : text)
      const signatures = (isVector ? texts : textsOfOthers).map((text) =>
        made.has(text) ? sign(text) : undefined,
      )
      const { smallest, ...others } = facts
      const news = toNews(smallest, resolveFormats(formats, source), source)
      const focus = said?.focus && { focus: said.focus }
      const shown = { ...others, ...focus, version, ...(news && { smallest: news }) }
      const line = formatImageJson(shown, signatures, said && toOverrideJson(said, sign))
      return `${JSON.stringify(source)}:${JSON.stringify(line)}`
    },
  }
}

/** Undefined where pages offer the configured formats in the configured order. */
const toNews = (
  smallest: readonly Format[] | undefined,
  configured: readonly Format[],
  source: SourceKey,
): readonly Format[] | undefined => {
  const offered = offerFormats(configured, pickFallback(configured, source), smallest)
  return offered.join() === configured.join() ? undefined : smallest
}

const toSizesJson = (config: Config): Readonly<Record<string, SizeJson>> =>
  Object.fromEntries(
    config.sizes.map(({ name, transforms, formats, sizes, draws }) => {
      const densities = transforms.map(({ density }) => density)
      const size: SizeJson = {
        transforms: transforms.map(({ transform }) => formatTransform(transform)),
        parsed: transforms.map(({ transform }) => transform),
        densities: densities.some((density) => density !== 1) ? densities : undefined,
        formats,
        sizes,
        draws: (config.vectors === 'keep' && draws) || undefined,
      }
      return [name, size]
    }),
  )

/** The sizes in which pages draw a source, and the transforms that `build` makes of it. */
const createMatcher = ({ sizes, ...config }: Config) => {
  const compiled = sizes.map((size) => ({
    ...size,
    matches: size.match === undefined ? () => true : compileMatch(size.match),
    texts: size.transforms.map(({ transform }) => formatTransform(transform)),
  }))
  const kept = vectorOf(config)
  return (source: SourceKey) => {
    const matching = compiled.filter(({ matches }) => matches(source))
    const vector = isVectorSource(source) ? kept : undefined
    const drawn = vector ? matching.filter(({ draws }) => draws) : matching
    const made = new Set(drawn.flatMap(({ texts }) => texts))
    if (vector && matching.length > 0) made.add(vector.text)
    return { isVector: vector !== undefined, drawn, made }
  }
}

/** The override of a source, with signatures of its own transforms; undefined where pages need nothing of it. */
const toOverrideJson = (
  { alt, texts }: PageOverride,
  sign: (text: string) => string,
): OverrideJson | undefined => {
  if (alt === undefined && texts === undefined) return undefined
  const own = new Set(Object.values(texts ?? {}).flat())
  return {
    alt,
    ...(texts && { texts, signed: Object.fromEntries([...own].map((text) => [text, sign(text)])) }),
  }
}

/** The parts of images.d.ts: imports by size, then sizes and sources as types; joined without separator. */
export const createTypesFormat = ({ sizes }: Config) => ({
  start: `${TYPES_HEAD}${sizes.map(formatImport).join('')}
interface ImgsizesKnownImages {
  readonly size: ${sizes.map(({ name }) => JSON.stringify(name)).join(' | ') || 'never'}
  readonly source: never`,
  lineOf: (source: SourceKey): string => `\n    | ${JSON.stringify(source)}`,
  end: '\n}\n',
})

// It must have no import or export: only a script may declare modules by pattern.
const TYPES_HEAD =
  '// Written by imgsizes build --types: the sources and sizes that createImages knows, and imports of the Vite plugin.\n'

const formatImport = ({ name }: { readonly name: string }): string => `
declare module '*?imgsizes=${name}' {
  const picture: import('imgsizes').ImportedPicture
  export default picture
}
`
