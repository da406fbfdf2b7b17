/** The addresses in the `url()`s and `image-set()`s of a style sheet or a `style`, without data URLs. */
export const listCssUrls = (css: string): readonly string[] => {
  const addresses: string[] = []
  let isInSet = false
  for (const [, double, single, bare, set, end, ofSet] of css.matchAll(CSS_URLS)) {
    if (set !== undefined || end !== undefined) isInSet = set !== undefined
    const address = (double ?? single ?? bare ?? (isInSet ? ofSet : undefined) ?? '').trim()
    if (address !== '' && !/^data:/i.test(address)) addresses.push(address)
  }
  return addresses
}

/**
 * Matches addresses; the beginning and the latest end of an `image-set()`; and the texts in it before a density or
 * type.
 */
const CSS_URLS =
  /url\(\s*(?:"([^"]*)"|'([^']*)'|([^\s"'()]+))\s*\)|(image-set\()|([{};])|["']([^"'{};]+)["'](?=\s+(?:[\d.]+(?:x|dpi|dppx|dpcm)|type\())/gi
