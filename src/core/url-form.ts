/** What a URL of another server says of a picture: sides in digits or "-", if any, and the path of its original. */
export interface UrlParts {
  readonly width: string | undefined
  readonly height: string | undefined
  readonly path: string
}

/** Reads what follows the prefix of a URL; undefined where it has another form. */
export type ReadUrlForm = (
  rest: string,
  findArgument: (name: string) => string | undefined,
) => UrlParts | undefined

const PARTS = {
  width: '(?<width>[0-9]+|-)',
  height: '(?<height>[0-9]+|-)',
  size: '(?<size>[0-9]+|-)',
  path: '(?<path>.+)',
  stem: '(?<stem>.+)',
  ending: '(?<ending>[A-Za-z0-9]+)',
} as const

type Part = keyof typeof PARTS
const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name)

/**
 * Compiles the form of URLs, such as `{width}x{height}/{path}`, `{path}!{size}` or `{path}?w={width}&h={height}`.
 * `{size}` is both sides; an argument may have a value of its own: `{path}?size=small`. `{stem}` and `{ending}` together
 * are a path whose size stands before its ending; an ending after `{path}` is ignored. Undefined where it is no form:
 * between two parts stands text without digits, and before `{ending}` not letters alone, so that a URL can be read in
 * one way and in one pass.
 */
export const compileUrlForm = (form: string): ReadUrlForm | undefined => {
  const [inPath = '', inQuery] = form.split(/\?(.*)/s)
  const written = readPath(inPath)
  const args = readQuery(inQuery)
  if (written === undefined || args === undefined) return undefined
  const names = [...written.parts, ...args.sides.keys()]
  const has = (name: Part): boolean => names.includes(name)
  const hasSource = has('path') ? !has('stem') : has('stem') && has('ending')
  const isClear = new Set(names).size === names.length && !(has('size') && (has('width') || has('height')))
  if (!hasSource || !isClear) return undefined
  const pattern = new RegExp(`^${written.pattern}$`, 's')
  return (rest, findArgument) => {
    const found = pattern.exec(rest)?.groups
    const isAsked = args.fixed.every(([arg, value]) => findArgument(arg) === value)
    if (found === undefined || !isAsked) return undefined
    const sideOf = (name: Part): string | undefined => {
      const arg = args.sides.get(name)
      return (arg === undefined ? found[name] : findArgument(arg)) || undefined
    }
    const size = sideOf('size')
    const { path = `${found.stem}.${found.ending}` } = found
    return { width: sideOf('width') ?? size, height: sideOf('height') ?? size, path }
  }
}

const readPath = (
  text: string,
): { readonly pattern: string; readonly parts: readonly Part[] } | undefined => {
  const parts: Part[] = []
  // Texts and names in turns: "{path}!{size}" is "", "path", "!", "size", "".
  const pieces = text.split(/\{(\w*)\}/)
  const sources = pieces.map((piece, index) => {
    if (index % 2 === 0) return isSeparator(piece, index, pieces.length) ? escapeText(piece) : undefined
    if (!isPart(piece) || (piece === 'ending' && index !== pieces.length - 2)) return undefined
    if (piece === 'ending' && /^[A-Za-z]*$/.test(pieces[index - 1] ?? '')) return undefined
    parts.push(piece)
    return PARTS[piece]
  })
  if (sources.includes(undefined) || (parts.includes('ending') && pieces.at(-1) !== '')) return undefined
  return { pattern: sources.join(''), parts }
}

const isSeparator = (text: string, index: number, length: number): boolean =>
  /^[A-Za-z/_.,;:!@~=+ -]*$/.test(text) && (text !== '' || index === 0 || index === length - 1)

const escapeText = (text: string): string => text.replace(/[/.+-]/g, '\\$&')

/** Arguments by the sides that they give, and those that always have the same value. */
interface Query {
  readonly sides: ReadonlyMap<Part, string>
  readonly fixed: readonly (readonly [arg: string, value: string])[]
}

const readQuery = (text: string | undefined): Query | undefined => {
  const pairs =
    text?.split('&').map((pair) => /^(\w+)=(?:\{(width|height|size)\}|([\w-]+))$/.exec(pair)) ?? []
  const sides = new Map<Part, string>()
  const fixed: (readonly [string, string])[] = []
  for (const [, arg = '', part = '', value = ''] of pairs.map((pair) => pair ?? [])) {
    if (isPart(part)) sides.set(part, arg)
    else fixed.push([arg, value])
  }
  const isClear = !pairs.includes(null) && sides.size + fixed.length === pairs.length
  return isClear ? { sides, fixed } : undefined
}
