/** Reads a variable, named without `IMGPROXY_`. Variables that are never read are noted. */
export type Take = (name: string) => string | undefined

/** A boolean as Go reads it. */
export const isOn = (text: string | undefined): boolean => /^(?:1|t|true)$/i.test(text ?? '')

/** The same of one that is set, and off. */
export const isOff = (text: string): boolean => /^(?:0|f|false)$/i.test(text)

/** The entries of a list with commas, without empty ones. */
export const toList = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** What a number of an environment may be. */
export interface NumberRange {
  readonly least: number
  readonly most?: number
  /** Whether it may have a fraction. */
  readonly isFraction?: true
  /** Its value where it is not set. */
  readonly absent?: number
}

/** A number of an environment. One that is invalid, or that a configuration does not allow, is noted and left out. */
export const readNumber = (
  name: string,
  { least, most = Number.MAX_SAFE_INTEGER, isFraction, absent }: NumberRange,
  { take, notes }: { readonly take: Take; readonly notes: string[] },
): number | undefined => {
  const text = take(name)
  if (text === undefined) return absent
  const value = /^[0-9]*\.?[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most && (isFraction || Number.isInteger(value))) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `${least}..${most}`
  notes.push(
    `IMGPROXY_${name}=${text} is left out: it is no ${isFraction ? 'number' : 'whole number'} ${range}.`,
  )
  return undefined
}
