const BYTES: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
])

const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `'64MB'` in bytes, or undefined: B, kB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024 (IEC 80000-13). */
export const parseBytes = (text: string): number | undefined => parseAmount(text.toLowerCase(), BYTES)

/** `'15s'` in milliseconds, or undefined: ms, s, m or min, h, d. */
export const parseDurationMs = (text: string): number | undefined => parseAmount(text, MILLISECONDS)

const parseAmount = (text: string, units: ReadonlyMap<string, number>): number | undefined => {
  const [, amount, unit = ''] = /^([0-9]+(?:\.[0-9]+)?) ?([a-z]+)$/.exec(text) ?? []
  const factor = units.get(unit)
  return factor === undefined ? undefined : Math.round(Number(amount) * factor)
}
