import type { Config, SizeConfig } from '../config/config.ts'
import {
  type Format,
  isVectorSource,
  originalFormatOf,
  resolveFormats,
  toVectorTransform,
} from '../core/format.ts'
import { type Override, overrideOfSize, overrideTransform, takesFocus } from '../core/override.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatTransform, type Transform, withVersion } from '../core/transform.ts'
import { versionOf } from '../url/version.ts'
import type { MadeBy } from './ledger-entry.ts'

/** A result that the configured sizes ask for, or that only visitors ask for. */
export interface ExpectedResult {
  readonly transform: Transform
  readonly transformText: string
  readonly format: Format
  /** The sizes that ask for it; if there are none, it is an extra. */
  readonly sizes: readonly string[]
}

/** Names a result within its source. */
export const idOfResult = ({
  transformText,
  format,
}: Pick<ExpectedResult, 'transformText' | 'format'>): string => `${transformText}.${format}`

/** Whether no size asks for a result. */
export const isExtra = ({ sizes }: Pick<ExpectedResult, 'sizes'>): boolean => sizes.length === 0

/**
 * Who is recorded as the maker of a result. For an extra it is `serve`: otherwise the next plan takes it for an
 * orphan.
 */
export const makerOf = (result: ExpectedResult): MadeBy => (isExtra(result) ? 'serve' : 'build')

/** How `--size` and `--format` reduce the expectation; undefined: not at all. */
export interface Narrowing {
  readonly size?: string
  readonly format?: Format | 'original'
}

interface ExpectationConfig
  extends Pick<Config, 'sizes' | 'formats' | 'quality' | 'vectors' | 'versions' | 'revision'> {
  /** Whether overrides may say what keys hold. */
  readonly hasOverrides?: boolean
  /** Compiles the globs of one size's `match`. */
  readonly toMatcher: (globs: readonly string[]) => (key: SourceKey) => boolean
  readonly narrowing?: Narrowing
}

/** From the configuration to expected keys: what `build` makes ahead for each source. */
export interface Expectation {
  /** Whether expected keys contain the source's version, so that its fingerprint must be known first. */
  readonly needsFingerprint: boolean
  /** Whether it also covers sources that `include` does not name. */
  readonly reachesAll?: boolean
  /**
   * The results expected of a source, in the order of the sizes. The fingerprint matters only with versions. `override`
   * is everything that is set for this picture.
   */
  of(source: SourceKey, fingerprint?: string, override?: Override): readonly ExpectedResult[]
  /** The longest last segment of any expected key, in bytes, with its leading slash. */
  readonly longestNameBytes: number
}

/** Compiles the configured sizes once; `of` is then cheap enough for millions of sources. */
export const createExpectation = (config: ExpectationConfig): Expectation => {
  const sizes = config.sizes.map((size) => ({
    size,
    matches: size.match === undefined ? undefined : config.toMatcher(size.match),
  }))
  // Sources with the same ending that match the same sizes expect the same: a few templates serve all.
  const templates = new Map<string, Template>()
  const hasCuts = config.sizes.some((size) => size.transforms.some(({ transform }) => takesFocus(transform)))
  const changesKeys = ({ focus, quality, background, sizes: own }: Override): boolean =>
    (focus !== undefined && hasCuts) || (quality ?? background ?? own) !== undefined
  // Overrides by a glob are one object for many sources. Others are of one source: a table of them would cost more.
  const recent: Overridden[] = []
  let oldest = 0

  const expandAll = (
    matching: readonly SizeConfig[],
    source: SourceKey,
    override?: Override,
  ): readonly ExpectedResult[] =>
    config.vectors === 'keep' && isVectorSource(source)
      ? [
          ...expand(
            matching.filter(({ draws }) => draws),
            config,
            source,
            override,
          ),
          ...expandVector(matching, config),
        ]
      : expand(matching, config, source, override)

  const templateFor = (source: SourceKey, override: Override | undefined): readonly ExpectedResult[] => {
    const matching = sizes.flatMap(({ size, matches }) =>
      matches === undefined || matches(source) ? [size] : [],
    )
    const isVector = config.vectors === 'keep' && isVectorSource(source)
    const id = `${isVector ? 'svg' : originalFormatOf(source)} ${matching.map(({ name }) => name).join(' ')}`
    let template = templates.get(id)
    if (template === undefined) {
      template = toTemplate(expandAll(matching, source))
      templates.set(id, template)
    }
    if (override === undefined || !changesKeys(override)) return template.results
    for (const known of recent) if (known.override === override && known.id === id) return known.results
    const results = overrideAll(template, override) ?? expandAll(matching, source, override)
    recent[oldest++ % MOST_RECENT] = { override, id, results }
    return results
  }

  return {
    needsFingerprint: config.versions,
    of: (source, fingerprint, override) => {
      if (override?.exclude) return []
      const template = templateFor(source, override)
      if (!config.versions) return template
      if (fingerprint === undefined) throw new Error(`no fingerprint of ${source}: its version is not known`)
      const version = versionOf(fingerprint, config.revision)
      return template.map((result) => atVersion(result, version))
    },
    longestNameBytes: longestName(config) + (config.versions ? '.v-'.length + 10 : 0),
  }
}

/** The results of sources of one kind, and the transforms among them, each once. */
interface Template {
  readonly results: readonly ExpectedResult[]
  readonly transforms: readonly Transform[]
  /** For each result the place of its transform. */
  readonly places: readonly number[]
}

/** The results of the sources of one kind that have an override. */
interface Overridden {
  readonly override: Override
  readonly id: string
  readonly results: readonly ExpectedResult[]
}

const MOST_RECENT = 8

const toTemplate = (results: readonly ExpectedResult[]): Template => {
  const byText = new Map(results.map(({ transformText, transform }) => [transformText, transform]))
  const texts = [...byText.keys()]
  return {
    results,
    transforms: [...byText.values()],
    places: results.map(({ transformText }) => texts.indexOf(transformText)),
  }
}

/**
 * A template's results with an override: their formats and sizes stay. Undefined where these may change too: where the
 * override differs by size, or makes two transforms the same.
 */
const overrideAll = (
  { results, transforms, places }: Template,
  override: Override,
): readonly ExpectedResult[] | undefined => {
  if (override.sizes !== undefined) return undefined
  const changed = transforms.map((transform) => overrideTransform(transform, override))
  const texts = changed.map(formatTransform)
  if (new Set(texts).size < texts.length) return undefined
  return results.map((result, i): ExpectedResult => {
    const { format, sizes } = result
    const [transform, transformText] = [changed[places[i] ?? 0], texts[places[i] ?? 0]]
    // A vector has nothing to override.
    if (format === 'svg' || transform === undefined || transformText === undefined) return result
    return { transform, transformText, format, sizes }
  })
}

/** One vector replaces the results that the sizes would draw of it, or is added where all of them draw it anyway. */
const expandVector = (
  sizes: readonly SizeConfig[],
  { quality, narrowing }: ExpectationConfig,
): readonly ExpectedResult[] => {
  const showing = sizes.filter(({ draws }) => !draws)
  const names = (showing.length > 0 ? showing : sizes).map(({ name }) => name)
  const { size, format } = narrowing ?? {}
  const isWanted =
    (size === undefined ? names.length > 0 : names.includes(size)) &&
    (format === undefined || format === 'svg')
  if (!isWanted) return []
  const transform = toVectorTransform(quality)
  return [{ transform, transformText: formatTransform(transform), format: 'svg', sizes: names }]
}

const expand = (
  sizes: readonly SizeConfig[],
  config: ExpectationConfig,
  source: SourceKey,
  override: Override | undefined,
): readonly ExpectedResult[] => {
  const { size: wantedSize, format: wanted } = config.narrowing ?? {}
  const results = new Map<string, ExpectedResult>()
  for (const size of sizes) {
    if (wantedSize !== undefined && size.name !== wantedSize) continue
    const formats = resolveFormats(size.formats ?? config.formats, source).filter(
      (format) => wanted === undefined || resolveFormats([wanted], source).includes(format),
    )
    const own = override && overrideOfSize(override, size.name)
    for (const { transform: configured } of size.transforms) {
      const transform = own === undefined ? configured : overrideTransform(configured, own)
      const transformText = formatTransform(transform)
      for (const format of formats) {
        const id = idOfResult({ transformText, format })
        const named = results.get(id)?.sizes ?? []
        results.set(id, { transform, transformText, format, sizes: [...named, size.name] })
      }
    }
  }
  return [...results.values()]
}

/** No override makes a spelling longer, except by a position. */
const LONGEST = { focus: { x: 999, y: 999 }, quality: 100, background: 'ffffff' } as const

const atVersion = (result: ExpectedResult, version: string): ExpectedResult => {
  const transform = withVersion(result.transform, version)
  return { ...result, transform, transformText: formatTransform(transform) }
}

const longestName = ({ sizes, hasOverrides = false }: ExpectationConfig): number => {
  const texts = sizes.flatMap((size) =>
    size.transforms.map(({ transform }) =>
      formatTransform(hasOverrides ? overrideTransform(transform, LONGEST) : transform),
    ),
  )
  return '/'.length + Math.max(0, ...texts.map((text) => text.length)) + '.0123456789abcdef.avif'.length
}
