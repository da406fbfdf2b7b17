import { defined } from '../core/defined.ts'
import { type AddedHeader, type NginxLocation, toHeaders } from './nginx-blocks.ts'

/** Headers by `add_header` and `expires`: its own, or, where it adds none, inherited ones. */
export const readHeaders = (location: NginxLocation) => {
  const added = listAdded(location)
  return defined({
    cacheControl: mergeCacheControl(find(added, 'cache-control'), location),
    allowOrigin: findOrigin(added),
  })
}

/** The names, as written, of headers that are not carried over. */
export const listOtherHeaders = (location: NginxLocation): readonly string[] => {
  const added = listAdded(location)
  const isCarried = ({ name, value }: AddedHeader): boolean =>
    (name === 'cache-control' && !value.includes('$')) ||
    (name === 'access-control-allow-origin' && findOrigin(added) !== undefined) ||
    // `serve` sends it, too.
    (name === 'x-content-type-options' && value === 'nosniff')
  return added.filter((header) => !isCarried(header)).map(({ written }) => written)
}

const listAdded = ({ own, around }: NginxLocation): readonly AddedHeader[] =>
  [toHeaders(own), ...around.map(({ headers }) => headers)].find((each) => each.length > 0) ?? []

const find = (added: readonly AddedHeader[], name: string): string | undefined => {
  const header = added.find((each) => each.name === name)
  return header === undefined || header.value.includes('$') ? undefined : header.value
}

/** nginx sends both. Caches take the first of two ages, which is that of `expires`. */
const mergeCacheControl = (added: string | undefined, { setting }: NginxLocation): string | undefined => {
  const age = readExpires(setting('expires')?.join(' ') ?? '')
  if (added === undefined) return age?.startsWith('max-age') ? `public, ${age}` : age
  if (age === undefined) return added
  const others = added
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^max-age\b/i.test(part))
  return [...others, age].join(', ')
}

/** Which scripts may read the pictures: `*` or an origin. */
const findOrigin = (added: readonly AddedHeader[]): string | undefined => {
  const value = find(added, 'access-control-allow-origin') ?? ''
  return /^(?:\*|https?:\/\/[^/\s,*]+)$/.test(value) ? value : undefined
}

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
}

/** nginx's `30d` or `1h 30m`. `max` is ten years; `epoch` and times in the past become `no-cache`. */
const readExpires = (text: string): string | undefined => {
  if (text === 'max') return 'max-age=315360000'
  if (text === 'epoch' || /^-\d/.test(text)) return 'no-cache'
  // Each amount except the last needs a unit: then there is only one way to read the digits.
  if (!/^(?:\d+[smhdwMy] ?)*(?:\d+)?$/.test(text) || text === '') return undefined
  const parts = [...text.matchAll(/(\d+)([smhdwMy]?)/g)]
  const seconds = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit || 's'] ?? 1),
    0,
  )
  return `max-age=${seconds}`
}

/** nginx's `20M`, in bytes. */
export const toBytes = (text: string): number | undefined => {
  const [, amount, unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? []
  if (amount === undefined) return undefined
  return Number(amount) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase())
}
