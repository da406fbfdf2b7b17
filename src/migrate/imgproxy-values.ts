/** Takes a variable, named without `IMGPROXY_`: what nobody takes is told. */
export type Take = (name: string) => string | undefined

/** As Go reads a boolean. */
export const isOn = (text: string | undefined): boolean => /^(?:1|t|true)$/i.test(text ?? '')

export const toList = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** What an environment's number may be. */
export interface NumberRange {
  readonly least: number
  readonly most?: number
  /** Whether it need not be whole. */
  readonly isFraction?: true
  /** What it is where nothing says it. */
  readonly absent?: number
}

/** A number of an environment; one that is none, or beyond what a configuration takes, is told and left out. */
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
