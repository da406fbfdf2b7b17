import type { Config, SizeConfig } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import { type Format, resolveFormats } from '../core/format.ts'
import type { Override } from '../core/override.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatTransform } from '../core/transform.ts'
import { isVectorSource, toVectorTransform } from '../core/vector.ts'
import type { Keyring } from '../url/keyring.ts'
import { versionOf } from '../url/version.ts'
import type { PageOverride } from './catalogue.ts'
import type { ImageFacts } from './facts.ts'
import { offerFormats } from './format-order.ts'
import {
  formatImageJson,
  type ImagesJson,
  listTransforms,
  type OverrideJson,
  type SizeJson,
} from './images-json.ts'
import { pickFallback } from './picture-data.ts'
import { toPageOverride } from './spell-override.ts'

/** The parts of images.json: `start`, lines joined by `between`, `end`. */
export interface ImagesFormat {
  readonly start: string
  readonly between: string
  readonly end: string
  /** One source with its signatures; `fingerprint` belongs to the bytes that the facts describe. */
  lineOf(
    source: SourceKey,
    facts: Omit<ImageFacts, 'version'>,
    said: { readonly fingerprint: string; readonly override?: Override | undefined },
  ): string
}

/** How images.json is written for a configuration. */
export const createImagesFormat = (config: Config, keyring: Pick<Keyring, 'sign'>): ImagesFormat => {
  const sizes = toSizesJson(config)
  const vector = toVectorJson(config)
  const texts = listTransforms({ sizes, ...vector })
  const isMade = createMatcher(config, texts)
  const sizesOf = createSizeMatcher(config)
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
    ...vector,
  }
  return {
    start: `${JSON.stringify(head).slice(0, -1)},"images":{\n`,
    between: ',\n',
    end: '\n}}\n',
    lineOf: (source, facts, { fingerprint, override }) => {
      const version = versionOf(fingerprint, revision)
      const said = toPageOverride(override, override ? sizesOf(source) : [])
      const made = isMade(source)
      const sign = (text: string): string => keyring.sign(source, versions ? `${text}.v-${version}` : text)
      const signatures = texts
        .slice(0, made.length)
        .map((text, index) => (made[index] ? sign(text) : undefined))
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
        ...(densities.some((density) => density !== 1) && { densities }),
        ...(formats && { formats }),
        ...(sizes !== undefined && { sizes }),
        ...(config.vectors === 'keep' && draws && { draws: true as const }),
      }
      return [name, size]
    }),
  )

const toVectorJson = ({ vectors, quality }: Config): Pick<ImagesJson, 'vector'> => {
  const parsed = toVectorTransform(quality)
  return vectors === 'keep' ? { vector: { transform: formatTransform(parsed), parsed } } : {}
}

/** The sizes that are made of a source. */
const createSizeMatcher = ({ sizes, vectors }: Config): ((source: SourceKey) => readonly SizeConfig[]) => {
  const compiled = sizes.map((size) => ({
    size,
    matches: size.match === undefined ? () => true : compileMatch(size.match),
  }))
  return (source) => {
    const isVector = vectors === 'keep' && isVectorSource(source)
    return compiled.flatMap(({ size, matches }) =>
      matches(source) && (!isVector || size.draws) ? [size] : [],
    )
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
    ...(alt !== undefined && { alt }),
    ...(texts && { texts, signed: Object.fromEntries([...own].map((text) => [text, sign(text)])) }),
  }
}

/** For each transform, whether `build` makes it of the source. */
const createMatcher = ({ sizes, vectors, quality }: Config, texts: readonly string[]) => {
  const compiled = sizes.map(({ match, transforms, draws }) => ({
    matches: match === undefined ? () => true : compileMatch(match),
    draws,
    texts: new Set(transforms.map(({ transform }) => formatTransform(transform))),
  }))
  const vector = formatTransform(toVectorTransform(quality))
  const all = new Set(compiled.flatMap((size) => [...size.texts]))
  return (source: SourceKey): readonly boolean[] => {
    const matching = compiled.filter(({ matches }) => matches(source))
    // The transform of vectors comes last, so that lines of other sources need no space for it.
    if (vectors === 'draw' || !isVectorSource(source))
      return texts
        .filter((text) => text !== vector || all.has(text))
        .map((text) => matching.some((size) => size.texts.has(text)))
    const drawing = matching.filter(({ draws }) => draws)
    return texts.map(
      (text) => (text === vector && matching.length > 0) || drawing.some((size) => size.texts.has(text)),
    )
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
