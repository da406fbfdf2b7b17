import type { NginxLocation } from './nginx-locations.ts'

/** Cache-Control as a location says it by `add_header` or `expires`; undefined where it says none. */
export const readCacheControl = ({ own, setting }: NginxLocation): string | undefined => {
  const added = own.find(({ name, args }) => name === 'add_header' && /^cache-control$/i.test(args[0] ?? ''))
  const [, text] = added?.args ?? []
  if (text !== undefined && !text.includes('$')) return text
  const seconds = toSeconds(setting('expires')?.join(' ') ?? '')
  return seconds === undefined ? undefined : `public, max-age=${seconds}`
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

/** nginx's `30d` or `1h 30m`; `max` is ten years. */
const toSeconds = (text: string): number | undefined => {
  if (text === 'max') return 315_360_000
  if (!/^(?:\d+[smhdwMy]? ?)+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)([smhdwMy]?)/g)]
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit || 's'] ?? 1), 0)
}

/** nginx's `20M`, in bytes. */
export const toBytes = (text: string): number | undefined => {
  const [, amount, unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? []
  if (amount === undefined) return undefined
  return Number(amount) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase())
}
