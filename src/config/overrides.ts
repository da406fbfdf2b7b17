import { isObject } from '../core/json.ts'
import { mergeOverrides, type Override } from '../core/override.ts'
import type { SourceKey } from '../core/source-key.ts'
import { type ConfigFault, ConfigProblem } from './config-problem.ts'
import { Faults, joinPath, quote, readObject } from './faults.ts'
import { createPlaces, hearJsonNames, type JsonEntry, readJsonEntries } from './json-entries.ts'
import { checkPattern, compileMatch, type KeyMatcher, literalPrefix } from './match.ts'
import { overrideSchema } from './overrides-schema.ts'
import { suggestName } from './suggest.ts'

/** The overrides of a file. */
export interface Overrides {
  /**
   * What is set for a source. For each property, the most exact name counts: its own before globs, of globs the one
   * with the longer text before its first wildcard, and of equal ones the later.
   */
  of(source: SourceKey): Override | undefined
  /** The same for a run over all sources, which also finds names of the file that match no source. */
  openTally(): NameTally
}

interface NameTally {
  of(source: SourceKey): Override | undefined
  /** Names and globs that match none of the sources seen, in the order of the file. */
  listUnseen(): readonly string[]
}

/** Where a text of overrides comes from, and which sizes it may name. */
export interface OverridesContext {
  /** The file for messages: a path or a URI. */
  readonly file: string
  readonly sizes: readonly string[]
}

/**
 * Reads the file of overrides. A name also means the source whose name is the same in Unicode's other form, composed or
 * decomposed, unless another name does. Problem `overrides-invalid`, a `ConfigProblem` with the place of each fault.
 */
export const parseOverrides = (text: string, context: OverridesContext): Overrides => {
  const reading = openReading(text, context)
  const { faults, placeOf } = reading
  const names = new Set<string>()
  const said: Said[] = []
  for (const entry of readEntries(text, context)) {
    const { name } = entry
    const whyNot = name === '' ? 'the name of a source' : isOverrideGlob(name) && checkPattern(name)
    const allowed = names.has(name) ? 'every name once' : whyNot || undefined
    names.add(name)
    if (allowed !== undefined)
      faults.push({ path: quote(name), found: 'this name', allowed, at: placeOf(entry.start) })
    const override = readOverride(reading, entry)
    if (override !== undefined) said.push({ name, override })
  }
  if (faults.length > 0) throw refusal(faults, context)
  return createOverrides(said)
}

/** Reads a sidecar, the override of one picture. Problem `overrides-invalid`. */
export const parseSidecar = (text: string, context: OverridesContext): Override => {
  readEntries(text, context, '{ "focus": [500, 250] }')
  const reading = openReading(text, context)
  const override = readOverride(reading, { name: '', start: 0, valueStart: 0, end: text.length })
  if (override === undefined) throw refusal(reading.faults, context)
  return override
}

/** How a source is named in the file: characters with a meaning in globs are escaped. */
export const toOverrideName = (source: SourceKey): string =>
  isOverrideGlob(source) ? source.replace(/[*?[\]{}|()!+@]/g, '\\$&') : source

/** Whether a name in the file is a glob. Parentheses alone make none: pictures often have them in their names. */
export const isOverrideGlob = (name: string): boolean =>
  /[*?[{|]|[!+@]\(/.test(name.includes('\\') ? name.replace(/\\./gs, '') : name)

/** The source that a name without a glob means. */
export const toPlainName = (name: string): string => name.replace(/\\(.)/gs, '$1')

/** The composed and the decomposed form of a name. */
export const listForms = (name: string): readonly string[] =>
  /[^\0-\x7f]/.test(name) ? [name.normalize('NFC'), name.normalize('NFD')] : []

interface Said {
  readonly name: string
  readonly override: Override
}

/** The faults in the order of the file. */
const refusal = (faults: readonly ConfigFault[], { file }: OverridesContext): ConfigProblem => {
  const inOrder = faults.toSorted(
    ({ at: a }, { at: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  )
  return new ConfigProblem(inOrder, file, 'overrides-invalid')
}

const readEntries = (text: string, context: OverridesContext, form?: string): readonly JsonEntry[] => {
  const entries = readJsonEntries(text, form)
  if (!('offset' in entries)) return entries
  const { offset, found, allowed } = entries
  const fault = {
    path: '',
    found: found === '' ? 'the end' : quote(found),
    allowed,
    at: createPlaces(text)(offset),
  }
  throw refusal([fault], context)
}

interface Reading {
  readonly text: string
  readonly sizes: readonly string[]
  readonly placeOf: ReturnType<typeof createPlaces>
  readonly faults: ConfigFault[]
}

const openReading = (text: string, { sizes }: OverridesContext): Reading => ({
  text,
  sizes,
  placeOf: createPlaces(text),
  faults: [],
})

const readOverride = (
  { text, sizes, placeOf, faults }: Reading,
  { name, start, valueStart, end }: JsonEntry,
): Override | undefined => {
  const inner = text.slice(valueStart, end)
  const value: unknown = JSON.parse(inner)
  const path = name === '' ? '' : joinPath('', name)
  const found = new Faults()
  const override = readObject(overrideSchema, value, { path, faults: found, isRepeated: true })
  for (const size of listSizes(value))
    if (!sizes.includes(size)) {
      const allowed = sizes.length === 0 ? 'none: no sizes are configured' : sizes.join(', ')
      found.add(joinPath(joinPath(path, 'sizes'), size), 'unknown size', allowed, suggestName(size, sizes))
    }
  if (found.count === 0) return override
  const places = new Map([[path, start]])
  hearJsonNames(inner, (keys, offset) => places.set(keys.reduce<string>(joinPath, path), valueStart + offset))
  for (const fault of found.list) {
    const offset = places.get(fault.path) ?? places.get(fault.path.replace(/(?:\[[0-9]+\])+$/, '')) ?? start
    faults.push({ ...fault, at: placeOf(offset) })
  }
  return undefined
}

const listSizes = (value: unknown): readonly string[] =>
  isObject(value) && isObject(value.sizes) ? Object.keys(value.sizes) : []

const createOverrides = (said: readonly Said[]): Overrides => {
  const exact = new Map<string, number>()
  const globs: number[] = []
  for (const [i, { name }] of said.entries()) {
    // The name of a picture may also be a valid glob.
    const isGlob = isOverrideGlob(name)
    const plain = toPlainName(name)
    if (!isGlob || !exact.has(plain)) exact.set(plain, i)
    if (isGlob) globs.push(i)
  }
  for (const [name, i] of exact) for (const form of listForms(name)) if (!exact.has(form)) exact.set(form, i)
  const findGlobs = indexGlobs(said, globs)
  const merged = new Map<string, Override>()
  const mergeGlobs = (found: readonly number[]): Override | undefined => {
    const [only, ...others] = found
    if (others.length === 0) return only === undefined ? undefined : said[only]?.override
    const id = found.join(' ')
    let override = merged.get(id)
    if (override === undefined) {
      override = found.reduce<Override>((under, i) => mergeOverrides(under, said[i]?.override), {})
      if (merged.size < MOST_MERGED) merged.set(id, override)
    }
    return override
  }
  const find = (source: SourceKey) => ({ own: exact.get(source), globs: findGlobs(source) })
  const merge = ({ own, globs: found }: ReturnType<typeof find>): Override | undefined => {
    const under = mergeGlobs(found)
    const over = own === undefined ? undefined : said[own]?.override
    return over === undefined || under === undefined || under === over
      ? (over ?? under)
      : mergeOverrides(under, over)
  }
  return {
    of: (source) => merge(find(source)),
    openTally: () => {
      const isSeen = new Uint8Array(said.length)
      return {
        of: (source) => {
          const found = find(source)
          if (found.own !== undefined) isSeen[found.own] = 1
          for (const glob of found.globs) isSeen[glob] = 1
          return merge(found)
        },
        listUnseen: () => said.flatMap(({ name }, i) => (isSeen[i] === 1 ? [] : [name])),
      }
    },
  }
}

/** How many combinations of globs are remembered: sources are many, but few combinations occur. */
const MOST_MERGED = 10_000

/** Finds the globs that match a source, the most exact last; an index of their first characters saves most comparisons. */
const indexGlobs = (
  said: readonly Said[],
  globs: readonly number[],
): ((source: SourceKey) => readonly number[]) => {
  const byPrefix = new Map<string, Glob[]>()
  for (const at of globs) {
    const name = said[at]?.name ?? ''
    const prefix = literalPrefix(name).replace(/\/$/, '')
    const others = byPrefix.get(prefix)
    const glob = {
      at,
      exactness: literalPrefix(name).length,
      needed: longestLiteral(name),
      matches: compileMatch([name]),
    }
    if (others === undefined) byPrefix.set(prefix, [glob])
    else others.push(glob)
  }
  const lengths = [...new Set([...byPrefix.keys()].map((prefix) => prefix.length))]
  return (source) => {
    if (lengths.length === 0) return NONE
    const lower = source.toLowerCase()
    const found: Glob[] = []
    for (const length of lengths)
      for (const glob of byPrefix.get(source.slice(0, length)) ?? [])
        if (lower.includes(glob.needed) && glob.matches(source)) found.push(glob)
    if (found.length > 1) found.sort((a, b) => a.exactness - b.exactness || a.at - b.at)
    return found.map(({ at }) => at)
  }
}

interface Glob {
  readonly at: number
  /** Length of the text before the first wildcard. */
  readonly exactness: number
  /** In lower case: what every match contains, in some letter case. */
  readonly needed: string
  readonly matches: KeyMatcher
}

/**
 * The longest text that every match of a glob contains, in lower case: to look for it takes a hundredth of the time of
 * the match itself. "" where that is not easily said.
 */
const longestLiteral = (pattern: string): string => {
  if (/[[\]()!+@|\\"^$]/.test(pattern) || /\{[^{}]*\{/.test(pattern) || pattern.startsWith('./')) return ''
  const runs = pattern.split(/[*?]+|\{[^{}]*\}/)
  // "**/a" matches "a", and "a/**" does too.
  const literals = runs.map((run) => run.replace(/^\/+|\/+$/g, '').toLowerCase())
  return literals.reduce((longest, run) => (run.length > longest.length ? run : longest), '')
}

const NONE: readonly number[] = []
