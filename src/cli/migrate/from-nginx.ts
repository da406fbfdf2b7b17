import type { NginxDialectInput } from '../../config/dialects.ts'
import type { Migration } from './migration.ts'
import { type Directive, parseNginx } from './nginx-directives.ts'

/** Directives that a location inherits from what it stands in. */
type Inherited = Readonly<Record<string, readonly string[]>>

/** What nginx's `image_filter` locations mean, with their `secure_link` and where they have their originals from. */
export const migrateNginx = (text: string): Migration => {
  const notes: string[] = []
  const found = listLocations(parseNginx(text), {}).flatMap((location) => readLocation(location, notes))
  if (found.length === 0) notes.push('No location with image_filter resize, crop or rotate was found.')
  const places = [...new Set(found.flatMap(({ place }) => place ?? []))]
  const isNamed = places.length > 1
  const nameOf = (place: string | undefined): string => `source${places.indexOf(place ?? '') + 1}`
  return {
    config: {
      ...(places[0] !== undefined && {
        source: isNamed ? Object.fromEntries(places.map((place) => [nameOf(place), place])) : places[0],
      }),
      dialects: found.map(({ dialect, place }) =>
        isNamed && place !== undefined ? { ...dialect, source: nameOf(place) } : dialect,
      ),
    },
    notes,
  }
}

interface Location {
  readonly args: readonly string[]
  readonly settings: Inherited
  readonly filters: readonly (readonly string[])[]
}

/** Every location, with what holds in it; its own directives win. */
const listLocations = (directives: readonly Directive[], outer: Inherited): readonly Location[] => {
  const own = directives.filter(({ block }) => block === undefined)
  const settings = { ...outer, ...Object.fromEntries(own.map(({ name, args }) => [name, args])) }
  return directives.flatMap(({ name, args, block }) => {
    if (block === undefined) return []
    const inner = listLocations(block, settings)
    if (name !== 'location') return inner
    const plain = block.filter((directive) => directive.block === undefined)
    const filters = plain.flatMap((directive) => (directive.name === 'image_filter' ? [directive.args] : []))
    const held = {
      ...settings,
      ...Object.fromEntries(plain.map((directive) => [directive.name, directive.args])),
    }
    return [{ args, settings: held, filters }, ...inner]
  })
}

interface Found {
  readonly dialect: NginxDialectInput
  readonly place?: string | undefined
}

const readLocation = ({ args, settings, filters }: Location, notes: string[]): readonly Found[] => {
  const filter = filters.find(([word = '']) => word === 'resize' || word === 'crop' || word === 'rotate')
  const [mode = '', first = '', second = ''] = filter ?? []
  if (filter === undefined) return []
  const name = `location ${args.join(' ')}`
  const prefix = readPrefix(args)
  if (prefix === undefined) {
    notes.push(`${name}: no fixed path stands before its sizes, such as /t/ in ^/t/(\\d+)x(\\d+)/(.*).`)
    return []
  }
  if (mode !== 'rotate' && !(/\$|^-$/.test(first) && /\$|^-$/.test(second))) {
    notes.push(`${name}: its size ${first}x${second} is not in the URL; make it one of sizes.`)
    return []
  }
  if (filters.length > 1)
    notes.push(`${name}: of its several image_filter lines only ${filter.join(' ')} is kept.`)
  const turn = readMode(mode, first)
  const signing = readSigning(settings, name, notes)
  if (turn === undefined || signing === undefined) {
    notes.push(`${name}: left out.`)
    return []
  }
  const quality = Number(settings.image_filter_jpeg_quality?.[0] ?? 75)
  const isQuality = Number.isInteger(quality) && quality >= 1 && quality <= 100
  if (!isQuality) notes.push(`${name}: image_filter_jpeg_quality is not a number from 1 to 100.`)
  return [
    {
      dialect: { type: 'nginx', prefix, ...signing, ...turn, quality: isQuality ? quality : 75 },
      place: readPlace(settings, name, notes),
    },
  ]
}

const readMode = (mode: string, degrees: string): Pick<NginxDialectInput, 'mode' | 'degrees'> | undefined => {
  if (mode !== 'rotate') return { mode: mode === 'crop' ? 'crop' : 'resize' }
  const turn = ([90, 180, 270] as const).find((each) => String(each) === degrees)
  return turn && { mode: 'rotate', degrees: turn }
}

/** `/t/` of `/t/`, `^~ /t/` and `~ ^/t/(\d+)x(\d+)/(.*)$`. */
const readPrefix = (args: readonly string[]): string | undefined => {
  const pattern = args.at(-1) ?? ''
  if (args[0] !== '~' && args[0] !== '~*') return /^\/(?:[A-Za-z0-9._~-]+\/)*$/.exec(pattern)?.[0]
  return /^\^(\/(?:[A-Za-z0-9_~-]+\/)*)(?=[([])/.exec(pattern.replaceAll('\\/', '/'))?.[1]
}

const readSigning = (
  { secure_link: link, secure_link_md5: md5 }: Inherited,
  name: string,
  notes: string[],
): Pick<NginxDialectInput, 'secret' | 'arg' | 'unsigned'> | undefined => {
  if (link === undefined || md5 === undefined) return { unsigned: true }
  const [, arg] = /^\$arg_([A-Za-z0-9_]+)$/.exec(link.join(' ')) ?? []
  const [, secret] = /^\$uri (.+)$/s.exec(md5.join(' ')) ?? []
  if (arg !== undefined && secret !== undefined && !secret.includes('$')) return { secret, arg }
  notes.push(`${name}: only secure_link $arg_… with secure_link_md5 "$uri <secret>" can be checked.`)
  return undefined
}

const readPlace = (settings: Inherited, name: string, notes: string[]): string | undefined => {
  const text = (settings.proxy_pass ?? settings.alias ?? settings.root)?.[0]?.replace(/\$.*$/, '')
  if (text === undefined || text === '') {
    notes.push(`${name}: where its originals are is not said; set source.`)
    return undefined
  }
  if (!text.startsWith('http://')) return text
  notes.push(`${name}: originals are read over https only, or from a folder or bucket; ${text} is neither.`)
  return undefined
}
