import type { NginxDialectInput } from '../../config/dialects.ts'
import type { Migration } from './migration.ts'
import type { Directive } from './nginx-directives.ts'
import { readCacheControl, toBytes } from './nginx-headers.ts'
import { listLocations, type NginxLocation } from './nginx-locations.ts'
import { readUrlForm, type UrlForm } from './nginx-pattern.ts'
import { readPlace } from './nginx-place.ts'
import { readSigning } from './nginx-signing.ts'
import { noteUnread } from './nginx-unread.ts'

/** Where originals are looked for until somebody says where they are. */
const UNKNOWN_PLACE = './originals'

/** What nginx's `image_filter` locations mean, with their `secure_link` and where they have their originals from. */
export const migrateNginx = (directives: readonly Directive[]): Migration => {
  const notes: string[] = []
  const locations = listLocations(directives)
  const found = dropTwins(
    locations.flatMap((location) => readLocation(location, { locations, notes })),
    notes,
  )
  if (found.length === 0) notes.push('No location with image_filter resize, crop or rotate could be read.')
  notes.push(...noteUnread(locations, new Set(found.map(({ location }) => location))))
  return { config: { ...toShared(found, notes), ...toDialects(found, notes) }, notes }
}

interface Found {
  readonly location: NginxLocation
  readonly dialect: NginxDialectInput
  readonly place: string | undefined
}

interface Reading {
  readonly locations: readonly NginxLocation[]
  readonly notes: string[]
}

type Mode = Pick<NginxDialectInput, 'prefix' | 'mode' | 'degrees'>

const readLocation = (location: NginxLocation, reading: Reading): readonly Found[] => {
  const { notes } = reading
  const filters = location.own.filter(({ name }) => name === 'image_filter').map(({ args }) => args)
  if (!filters.some(([word = '']) => /^(?:resize|crop|rotate|size|test)$/.test(word))) return []
  const leaveOut = (why: string): readonly Found[] => {
    notes.push(`${location.name}: ${why} Left out.`)
    return []
  }
  if (location.own.some(({ name }) => name === 'internal'))
    return leaveOut('it is internal, and what leads to it is not followed.')
  const form = readUrlForm(location.args)
  if (form === undefined) return leaveOut('its URLs are of another form than /t/300x200/path.')
  const modes = readModes(filters, form)
  if (typeof modes === 'string') return leaveOut(modes)
  const signing = readSigning(location, form.prefix, reading)
  if (signing === undefined) return []
  if (location.args[0] === '~*')
    notes.push(`${location.name}: ${form.prefix} is matched as it is written, letter by letter.`)
  const quality = readQuality(location, notes)
  const place = readPlace(location, form, notes)
  return modes.map(({ prefix, ...mode }) => ({
    location,
    dialect: { type: 'nginx', prefix, ...signing, ...mode, quality },
    place,
  }))
}

/** What its filters show, each under a prefix; a text where no dialect shows that. */
const readModes = (filters: readonly (readonly string[])[], form: UrlForm): readonly Mode[] | string => {
  const rotate = filters.find(([word]) => word === 'rotate')
  const box = filters.find(([word]) => word === 'resize' || word === 'crop')
  if (box !== undefined) {
    const [word = '', width = '', height = ''] = box
    if (form.kind !== 'sized' || !names(width, form.width) || !names(height, form.height))
      return /\$/.test(width + height)
        ? `its size ${width}x${height} is not that of a path such as /t/300x200/….`
        : `its size ${width}x${height} is not in the URL: make it one of \`sizes\`.`
    if (rotate === undefined) return [{ prefix: form.prefix, mode: word === 'crop' ? 'crop' : 'resize' }]
    if (word === 'crop') return 'it both crops and rotates.'
  }
  if (rotate === undefined) return 'image_filter size and test have no counterpart.'
  const [, angle = ''] = rotate
  if (form.kind === 'turned' && names(angle, form.angle))
    return form.degrees.map((degrees) => ({ prefix: `${form.prefix}${degrees}/`, mode: 'rotate', degrees }))
  const degrees = ([90, 180, 270] as const).find((each) => String(each) === angle)
  if (degrees === undefined || form.kind === 'turned')
    return `its angle ${angle} is not in the URL, nor fixed.`
  return [{ prefix: form.prefix, mode: 'rotate', degrees }]
}

const names = (text: string, group: readonly string[]): boolean =>
  group.includes(/^\$\{?(\w+)\}?$/.exec(text)?.[1] ?? '')

const DEFAULT_QUALITY = 75

const readQuality = ({ name, setting }: NginxLocation, notes: string[]): number => {
  const text = setting('image_filter_jpeg_quality')?.[0]
  const quality = Number(text ?? DEFAULT_QUALITY)
  if (Number.isInteger(quality) && quality >= 1 && quality <= 100) return quality
  notes.push(
    `${name}: image_filter_jpeg_quality ${text} is no number from 1 to 100; ${DEFAULT_QUALITY} is taken.`,
  )
  return DEFAULT_QUALITY
}

/** One server for http and one for https say the same; of those that differ, the first is answered. */
const dropTwins = (found: readonly Found[], notes: string[]): readonly Found[] =>
  found.filter(({ dialect, location }, index) => {
    const first = found.find((other) => other.dialect.prefix === dialect.prefix)
    if (first === undefined || found.indexOf(first) === index) return true
    if (JSON.stringify(first.dialect) !== JSON.stringify(dialect))
      notes.push(`${location.name}: ${first.location.name} has the same URLs, and says otherwise. Left out.`)
    return false
  })

const toDialects = (
  found: readonly Found[],
  notes: string[],
): Pick<Migration['config'], 'source' | 'dialects'> => {
  const places = [...new Set(found.map(({ place }) => place ?? UNKNOWN_PLACE))]
  if (found.some(({ place }) => place === undefined))
    notes.push(`${UNKNOWN_PLACE} stands for what could not be read: set source.`)
  const nameOf = (place: string | undefined): string => `source${places.indexOf(place ?? UNKNOWN_PLACE) + 1}`
  const [only] = places
  if (only === undefined || places.length === 1)
    return { ...(only !== undefined && { source: only }), dialects: found.map(({ dialect }) => dialect) }
  return {
    source: Object.fromEntries(places.map((place) => [nameOf(place), place])),
    dialects: found.map(({ dialect, place }) => ({ ...dialect, source: nameOf(place) })),
  }
}

/** What is one for all locations here. */
const toShared = (found: readonly Found[], notes: string[]): Partial<Migration['config']> => {
  const cacheControls = [...new Set(found.flatMap(({ location }) => readCacheControl(location) ?? []))]
  const [cacheControl, ...others] = cacheControls
  for (const other of others) notes.push(`Cache-Control is one for all here: ${other} is left out.`)
  const buffers = found.flatMap(
    ({ location }) => toBytes(location.setting('image_filter_buffer')?.[0] ?? '') ?? [],
  )
  return {
    ...(cacheControl !== undefined && { cacheControl }),
    ...(buffers.length > 0 && { limits: { sourceBytes: Math.max(...buffers) } }),
  }
}
