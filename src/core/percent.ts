/** Undoes percent-encoding once; undefined where an escape is broken, or the bytes are not UTF-8. */
export const decodePercent = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // it only throws URIError
  }
}
