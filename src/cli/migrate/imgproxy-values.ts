/** Takes a variable, named without `IMGPROXY_`: what nobody takes is told. */
export type Take = (name: string) => string | undefined

/** As Go reads a boolean. */
export const isOn = (text: string | undefined): boolean => /^(?:1|t|true)$/i.test(text ?? '')

export const toList = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
