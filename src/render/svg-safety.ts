/**
 * What an SVG may not do: run, refer outside itself, or define entities (which multiply, and read files). librsvg
 * refuses most of this silently and draws the rest; a picture with a hole is worse than a refusal that says why.
 *
 * A DOCTYPE as drawing programs write it, an identifier without an internal subset, is let through: nothing is
 * ever fetched for it, and most files of the last twenty years carry one. Not covered: a drawing that is merely
 * slow (nested filters); the render timeout answers for that. Comments are looked at like all else: whoever skips
 * them has to know where XML sees one. Nothing here looks at a character more than a few times: from "<!DOCTYPE" no
 * further than to the next "<".
 */
export const findSvgDanger = (markup: string): string | undefined => {
  if (/<!DOCTYPE[^<>[]*\[|<!(?:ENTITY|ATTLIST|ELEMENT|NOTATION)/i.test(markup)) return 'it defines entities'
  if (/<\?xml-stylesheet/i.test(markup)) return 'it asks for a style sheet outside itself'
  if (/<(?:[\w-]+:)?script[\s>/]/i.test(markup) || holdsCode(markup)) return 'it holds a script'
  if (/<(?:[\w-]+:)?foreignObject[\s>/]/i.test(markup)) return 'it holds foreign content'
  if (/<(?:[\w-]+:)?include[\s>/]/i.test(markup)) return 'it includes another document'
  if (countUpTo(MOST_EMBEDDED + 1, markup.matchAll(EMBEDDED)) > MOST_EMBEDDED)
    return `it embeds over ${MOST_EMBEDDED} pictures`
  if (countElements(markup) > MOST_ELEMENTS) return `it has over ${MOST_ELEMENTS} elements`
  for (const reference of listReferences(markup))
    if (!isInside(reference)) return `it refers to ${JSON.stringify(reference.slice(0, 60))}`
  return undefined
}

/** Whether an attribute is a handler of events, or a link that is a script. Neither does anything when it is drawn. */
const holdsCode = (markup: string): boolean => {
  for (const { name, value } of listAttributes(markup))
    if (/^on[a-z]/i.test(name) || isScript(value)) return true
  return false
}

/**
 * The attributes of whatever looks like a tag, from each "<" on: no value holds one, so nothing that stands before a
 * tag, half a tag in a comment, say, hides any of it. What is no attribute ends them, and is no XML either.
 */
const listAttributes = function* (
  markup: string,
): Iterable<{ readonly name: string; readonly value: string }> {
  const attribute = /[\s/]*([^\s<>/"'=]+)\s*=\s*(?:"([^<"]*)"|'([^<']*)')/y
  for (const tag of markup.matchAll(/<[^\s<>/!?"'=]+/g)) {
    attribute.lastIndex = tag.index + tag[0].length
    for (let found = attribute.exec(markup); found !== null; found = attribute.exec(markup))
      yield { name: found[1] ?? '', value: found[2] ?? found[3] ?? '' }
  }
}

/** Whether a browser takes it, or one of a list, for a script: after entities, and without the breaks that URLs lose. */
const isScript = (value: string): boolean => {
  if (!/(?:^|;)[\s&j]/i.test(value)) return false
  const text = value.replaceAll(/&#(?:x([\da-f]+)|(\d+));/gi, (_, hex, decimal) =>
    String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
  )
  return /(?:^|;)\s*javascript:/i.test(text.replaceAll(/[\t\n\r]/g, ''))
}

/** The pictures that the drawing embeds, for their own size to be looked at before anything decodes them. */
export const listEmbeddedPictures = (text: string): readonly Buffer[] =>
  [...text.matchAll(EMBEDDED)].map((match) =>
    Buffer.from((match[1] ?? '').replaceAll(/&#\w+;|\s/g, ''), 'base64'),
  )

const EMBEDDED = /data:image\/(?:png|jpe?g|gif|webp);base64,([\w+/=\s&#;]*)/gi
const MOST_EMBEDDED = 100

/** librsvg takes a million, and 7 KB of memory for each. A map of a country has some ten thousand. */
const MOST_ELEMENTS = 100_000

/** How many elements a drawing has, or a little more: what looks like one in a comment is counted, too. */
export const countElements = (markup: string): number =>
  countUpTo(MOST_ELEMENTS + 1, markup.matchAll(/<[^/!?]/g))

const countUpTo = (most: number, found: Iterator<unknown>): number => {
  let count = 0
  while (count < most && !found.next().done) count++
  return count
}

/** Every address that the drawing would fetch. A link (`<a href>`) fetches nothing and is left out. */
const listReferences = function* (markup: string): Iterable<string> {
  const unlinked = markup.replaceAll(/<a\s[^<>]*>/g, '<a>')
  for (const match of unlinked.matchAll(
    /[\s"'](?:[\w-]+:)?(?:href|src|base)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi,
  ))
    yield (match[1] ?? match[2] ?? '').trim()
  // A style sheet may hide behind escapes ("u\72l("); nothing that draws needs one there.
  for (const match of markup.matchAll(/url\(\s*(?:&quot;|&apos;|["'])?\s*([^)"'&]*)/gi))
    yield (match[1] ?? '').trim()
  for (const match of markup.matchAll(/@import[^;]*/gi)) yield match[0]
}

/** A list of what is allowed, not of what is not: "&#104;ttp:", "HTTP:" and "//host" need no rule of their own. */
const isInside = (reference: string): boolean =>
  reference === '' ||
  reference.startsWith('#') ||
  /^data:image\/(?:png|jpe?g|gif|webp);base64,/i.test(reference)
