import type { NginxDialectInput } from '../config/nginx-dialect.ts'
import { defined } from '../core/defined.ts'
import type { Migration } from './migration.ts'
import { listUpstreams, type Upstreams } from './nginx-addresses.ts'
import type { Directive, NginxLocation } from './nginx-blocks.ts'
import { findFronts, indexSteps, noteLost, type Steps } from './nginx-fronts.ts'
import { readHeaders, toBytes } from './nginx-headers.ts'
import { listLocations } from './nginx-locations.ts'
import { names, readUrlForm, type UrlForm } from './nginx-pattern.ts'
import { readSourcePlace } from './nginx-place.ts'
import { isGuarded, readSigning, type Signing } from './nginx-signing.ts'
import { readSizes, type SizedUrls, USUAL_FORM } from './nginx-sizes.ts'
import { noteUnread } from './nginx-unread.ts'
import { createPatternTrial, type TryPattern } from './try-pattern.ts'

/** Stands for originals whose place is unknown. */
const UNKNOWN_PLACE = './originals'

/**
 * The configuration that nginx's `image_filter` locations mean, with their `secure_link` and the place of originals.
 */
export const migrateNginx = (directives: readonly Directive[]): Migration => {
  const notes: string[] = []
  const locations = listLocations(directives)
  const upstreams = listUpstreams(directives)
  const tryPattern = createPatternTrial()
  const steps = indexSteps(locations, tryPattern)
  const found = dropTwins(
    locations.flatMap((location) => readLocation(location, { steps, upstreams, tryPattern, notes })),
    notes,
  )
  notes.push(...noteLost(steps))
  if (found.length === 0) notes.push('No location with image_filter resize, crop or rotate could be read.')
  notes.push(...noteUnread({ locations, read: found, checks: listChecks(directives), tryPattern }))
  return { config: { ...toShared(found, notes), ...toDialects(found, notes) }, notes: [...new Set(notes)] }
}

/** Variables that tell whether a signature is valid, also by `map`. */
const listChecks = (directives: readonly Directive[]): ReadonlySet<string> => {
  const mapped = (block: readonly Directive[]): readonly string[] =>
    block.flatMap(({ name, args: [from, to = ''], block: inner = [] }) => [
      ...(name === 'map' && from === '$secure_link' ? [to] : []),
      ...mapped(inner),
    ])
  return new Set(['$secure_link', ...mapped(directives)])
}

interface Found {
  readonly location: NginxLocation
  /** The location that visitors' requests pass first. */
  readonly front?: NginxLocation
  readonly dialect: NginxDialectInput
  readonly place: string | undefined
}

interface Reading {
  readonly steps: Steps
  readonly tryPattern: TryPattern
  readonly upstreams: Upstreams
  readonly notes: string[]
}

const readLocation = (location: NginxLocation, reading: Reading): readonly Found[] => {
  const { notes } = reading
  const filters = listFilters(location)
  if (!filters.some(([word = '']) => /^(?:resize|crop|rotate|size|test)$/.test(word))) return []
  const leaveOut = (why: string): readonly Found[] => {
    notes.push(`${location.name}: ${why} Left out.`)
    return []
  }
  const form = readForm(location, filters, reading.tryPattern)
  if (form === undefined)
    return leaveOut(
      'its URLs do not have the form /t/300x200/path, or another of a prefix, a size and a path.',
    )
  // A location that checks signatures itself is asked for directly.
  const fronts = isGuarded(location) ? [] : findFronts(location, form, reading)
  if (fronts.length === 0 && location.own.some(({ name }) => name === 'internal'))
    return leaveOut('it is internal, and what leads to it could not be followed.')
  const asked: readonly Asked[] =
    fronts.length === 0
      ? [{ prefix: form.prefix, form }]
      : fronts.map((front) => ({ front: front.location, prefix: front.prefix, form: front.form ?? form }))
  const modes = new Map(asked.map((way) => [way.form, readModes(filters, way.form, location, notes)]))
  for (const mode of modes.values()) if (typeof mode === 'string') return leaveOut(mode)
  const ways = listWays(location, asked, form, notes)
  if (ways.length === 0) return []
  const [match = '', written = ''] = location.args
  if (match.startsWith('~') && form.prefix !== '/' && !written.startsWith('^'))
    notes.push(`${location.name}: ${form.prefix} is looked for only at the beginning of a URL.`)
  if (match === '~*' && form.prefix !== '/')
    notes.push(`${location.name}: ${form.prefix} is matched as it is written, letter by letter.`)
  const quality = readQuality(location, notes)
  const place = readSourcePlace(location, form, reading)
  return ways.flatMap(({ front, prefix: publicPrefix, form: own, signing }) => {
    const shown = modes.get(own)
    if (!Array.isArray(shown)) return []
    return shown.map(({ prefix, ...mode }: NginxModeInput) => {
      const whole = publicPrefix + prefix.slice(own.prefix.length)
      const dialect = { type: 'nginx', prefix: whole, ...signing, ...mode, quality } as const
      return { location, ...(front && { front }), dialect, place }
    })
  })
}

/**
 * The arguments of `image_filter` that count, as nginx reads several: the last of resize and crop decides, but a side that
 * is a variable stays until another variable comes; after off, test and size nothing of it is left.
 */
const listFilters = ({ own }: NginxLocation): readonly (readonly string[])[] => {
  const all = own.filter(({ name }) => name === 'image_filter').map(({ args }) => args)
  const end = all.findLastIndex(([word = '']) => /^(?:off|test|size)$/.test(word))
  const left = end === all.length - 1 && all.length > 0 ? all.slice(end) : all.slice(end + 1)
  const boxes = left.filter(isBox)
  const [mode] = boxes.at(-1) ?? []
  if (mode === undefined) return left
  const sides = [1, 2].map(
    (at) => boxes.findLast((args) => args[at]?.includes('$'))?.[at] ?? boxes.at(-1)?.[at] ?? '',
  )
  return [...left.filter((args) => !isBox(args)), [mode, ...sides]]
}

const isBox = ([word]: readonly string[]): boolean => word === 'resize' || word === 'crop'

/**
 * The form of a location's URLs. What a rewrite of its own has captured last is what `$1` of its sizes means, where the
 * location is of all URLs that begin so.
 */
const readForm = (
  { args, own }: NginxLocation,
  filters: readonly (readonly string[])[],
  tryPattern: TryPattern,
): UrlForm | undefined => {
  const form = withFolder(readUrlForm(args, tryPattern))
  const [rewrite, ...others] = own.filter(({ name }) => name === 'rewrite')
  const [pattern = '', , flag] = others.length > 0 ? [] : (rewrite?.args ?? [])
  if (form?.kind !== 'plain' || flag !== 'break' || !filters.flat().some((word) => /^\$\d$/.test(word)))
    return form
  const rewritten = readUrlForm(['~', pattern], tryPattern)
  return rewritten?.kind === 'pattern' && rewritten.prefix.startsWith(form.prefix) ? rewritten : form
}

/** How visitors reach a location: what the URLs that they ask for begin with, and their form. */
interface Asked {
  readonly front?: NginxLocation
  readonly prefix: string
  readonly form: UrlForm
}

/** The same, and how these URLs are signed. */
interface Way extends Asked {
  readonly signing: Signing
}

const listWays = (
  location: NginxLocation,
  asked: readonly Asked[],
  { prefix }: UrlForm,
  notes: string[],
): readonly Way[] =>
  asked.flatMap((way) => {
    const signing = readSigning(location, way.front, notes)
    if (signing === undefined) return []
    if (way.front !== undefined && way.prefix !== prefix)
      notes.push(`${location.name}: visitors ask for ${way.prefix}…, by ${way.front.name}.`)
    return [{ ...way, signing }]
  })

const DEFAULT_QUALITY = 75

const readQuality = ({ name, setting }: NginxLocation, notes: string[]): number => {
  const text = setting('image_filter_jpeg_quality')?.[0]
  const quality = Number(text ?? DEFAULT_QUALITY)
  if (Number.isInteger(quality) && quality >= 1 && quality <= 100) return quality
  notes.push(
    `${name}: image_filter_jpeg_quality ${text} is not a number from 1 to 100; ${DEFAULT_QUALITY} is used.`,
  )
  return DEFAULT_QUALITY
}

/** Servers for http and https often say the same. Of locations that differ, the first one is kept. */
const dropTwins = (found: readonly Found[], notes: string[]): readonly Found[] => {
  const firsts = new Map<string, Found>()
  for (const each of found) {
    const { dialect, location } = each
    const urls = dialect.prefix + (dialect.form ?? '')
    const first = firsts.get(urls)
    if (first === undefined) firsts.set(urls, each)
    else if (JSON.stringify(first.dialect) !== JSON.stringify(dialect))
      notes.push(`${location.name}: ${first.location.name} has the same URLs, but other options. Left out.`)
  }
  // The first dialect that fits answers. Without a form, one takes all URLs under its prefix.
  const lasts = [...firsts.values()].filter(({ dialect }) => dialect.form === ANY_PATH)
  const isBefore = ({ dialect: { prefix, form } }: Found): boolean =>
    form === undefined && lasts.some(({ dialect }) => dialect.prefix === prefix)
  return [...firsts.values()]
    .map((each) => (isBefore(each) ? { ...each, dialect: { ...each.dialect, form: USUAL_FORM } } : each))
    .sort((a, b) => rankOf(a) - rankOf(b))
}

const ANY_PATH = '{path}'

const rankOf = ({ dialect: { form } }: Found): number => [ANY_PATH, undefined].indexOf(form)

const toDialects = (
  found: readonly Found[],
  notes: string[],
): Pick<Migration['config'], 'source' | 'dialects'> => {
  const places = [...new Set(found.map(({ place }) => place ?? UNKNOWN_PLACE))]
  if (found.some(({ place }) => place === undefined))
    notes.push(`${UNKNOWN_PLACE} stands for what could not be read: set source.`)
  const names = new Map(places.map((place, index) => [place, `source${index + 1}`]))
  const [only] = places
  if (places.length < 2)
    return { ...defined({ source: only }), dialects: found.map(({ dialect }) => dialect) }
  return {
    source: Object.fromEntries([...names].map(([place, name]) => [name, place])),
    dialects: found.map(({ dialect, place }) => ({
      ...dialect,
      ...defined({ source: names.get(place ?? UNKNOWN_PLACE) }),
    })),
  }
}

/** Options that all locations share here. */
const toShared = (found: readonly Found[], notes: string[]): Partial<Migration['config']> => {
  const headers = found.map(({ location, front }) => ({
    ...readHeaders(location),
    ...(front && readHeaders(front)),
  }))
  const [cacheControl, ...others] = new Set(headers.flatMap((each) => each.cacheControl ?? []))
  for (const other of others) notes.push(`Cache-Control is one for all here: ${other} is left out.`)
  const cors = toCors([...new Set(headers.flatMap((each) => each.allowOrigin ?? []))], notes)
  const buffers = found.flatMap(
    ({ location }) => toBytes(location.setting('image_filter_buffer')?.[0] ?? '') ?? [],
  )
  return defined({
    cacheControl,
    serve: cors && { cors },
    limits: buffers.length > 0 ? { sourceBytes: Math.max(...buffers) } : undefined,
  })
}

const toCors = (origins: readonly string[], notes: string[]): string | readonly string[] | undefined => {
  const [only, ...others] = origins.includes('*') ? ['*'] : origins
  if (origins.length > 1)
    notes.push(`Access-Control-Allow-Origin is one for all here: ${[only, ...others].join(', ')}.`)
  return others.length === 0 || only === undefined ? only : [only, ...others]
}

/** `location /t` is of all that begins so; a file is no folder. */
const withFolder = (form: UrlForm | undefined): UrlForm | undefined => {
  if (form?.kind !== 'plain' || form.prefix.endsWith('/')) return form
  return /\.[^/]*$/.test(form.prefix) ? undefined : { ...form, prefix: `${form.prefix}/` }
}

/** How a dialect shows pictures under a prefix. */
type NginxModeInput = Pick<NginxDialectInput, keyof SizedUrls | 'mode' | 'degrees'>

/** The modes of a location's `image_filter`, by their arguments; or a text that says why no dialect can show them. */
const readModes = (
  filters: readonly (readonly string[])[],
  form: UrlForm,
  location: NginxLocation,
  notes: string[],
): readonly NginxModeInput[] | string => {
  const rotate = filters.find(([word]) => word === 'rotate')
  const box = filters.find(isBox)
  const { prefix } = form
  const sized = box === undefined ? [{ prefix }] : readSizes(box, form, location, notes)
  if (typeof sized === 'string') return sized
  if (rotate === undefined) {
    if (box === undefined) return 'image_filter size and test have no counterpart.'
    return sized.map((each) => ({ ...each, mode: box[0] === 'crop' ? 'crop' : 'resize' }))
  }
  if (box?.[0] === 'crop') return 'it both crops and rotates.'
  const [, angle = ''] = rotate
  const turned = box === undefined ? readTurned(angle, form) : []
  if (turned.length > 0)
    return turned.map((degrees) => ({ prefix: `${prefix}${degrees}/`, mode: 'rotate', degrees }))
  const degrees = DEGREES.find((each) => String(each) === angle)
  const isReadable = box !== undefined || form.kind === 'plain' || form.pieces.length === 1
  return degrees === undefined || !isReadable
    ? `its angle ${angle} is not in the URL, nor fixed.`
    : sized.map((each) => ({ ...each, mode: 'rotate', degrees }))
}

const DEGREES = [90, 180, 270] as const

/** The degrees that URLs of the form `{prefix}{degrees}/{path}` may name. */
const readTurned = (angle: string, form: UrlForm): readonly (90 | 180 | 270)[] => {
  const [group, slash, path, ...others] = form.kind === 'pattern' ? form.pieces : []
  if (typeof group !== 'object' || slash !== '/' || typeof path !== 'object' || others.length > 0) return []
  return names(angle, group) ? DEGREES.filter((each) => group.takes(String(each))) : []
}
