import { type AddedHeader, type NginxLocation, toHeaders } from './nginx-blocks.ts'

/** What a location adds to its answers. */
export interface NginxHeaders {
  readonly cacheControl?: string
  /** Who may read the pictures by script: `*` or an origin. */
  readonly allowOrigin?: string
}

/** Headers by `add_header` and `expires`, its own or, where it adds none, those of what stands around it. */
export const readHeaders = (location: NginxLocation): NginxHeaders => {
  const added = listAdded(location)
  const cacheControl = mergeCacheControl(find(added, 'cache-control'), location)
  const allowOrigin = readOrigin(find(added, 'access-control-allow-origin'))
  return {
    ...(cacheControl !== undefined && { cacheControl }),
    ...(allowOrigin !== undefined && { allowOrigin }),
  }
}

/** Those that are not carried over: the name of each, as written. */
export const listOtherHeaders = (location: NginxLocation): readonly string[] => {
  const added = listAdded(location)
  const allowOrigin = readOrigin(find(added, 'access-control-allow-origin'))
  const isCarried = ({ name, value }: AddedHeader): boolean =>
    (name === 'cache-control' && !value.includes('$')) ||
    (name === 'access-control-allow-origin' && allowOrigin !== undefined) ||
    // serve says so by itself.
    (name === 'x-content-type-options' && value === 'nosniff')
  return added.filter((header) => !isCarried(header)).map(({ written }) => written)
}

const listAdded = ({ own, around }: NginxLocation): readonly AddedHeader[] =>
  [toHeaders(own), ...around.map(({ headers }) => headers)].find((each) => each.length > 0) ?? []

const find = (added: readonly AddedHeader[], name: string): string | undefined => {
  const header = added.find((each) => each.name === name)
  return header === undefined || header.value.includes('$') ? undefined : header.value
}

/** nginx sends both; of two ages caches take the first, which is that of `expires`. */
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

const readOrigin = (value: string | undefined): string | undefined =>
  value === '*' || (value !== undefined && /^https?:\/\/[^/\s,*]+$/.test(value)) ? value : undefined

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
}

/** nginx's `30d` or `1h 30m`; `max` is ten years, `epoch` and what is over already are `no-cache`. */
const readExpires = (text: string): string | undefined => {
  if (text === 'max') return 'max-age=315360000'
  if (text === 'epoch' || /^-\d/.test(text)) return 'no-cache'
  // Each amount but the last has its unit: of digits alone there is one way to read them.
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
