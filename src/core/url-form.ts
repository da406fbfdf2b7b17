/** What a URL of another server says of a picture: sides in digits or "-", and the path of its original. */
export interface UrlParts {
  readonly width: string
  readonly height: string
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
 * Compiles the form of URLs, such as `{width}x{height}/{path}`, `{path}!{size}` or `{path}?w={width}&h={height}`: a side
 * that it does not name, or an argument that is missing, is "-". `{size}` is both sides. `{stem}` and `{ending}` together
 * are a path whose size stands before its ending; an ending after `{path}` is ignored. Undefined where it is no form:
 * between two parts stands text without digits, so that a URL can be read in one way and in one pass.
 */
export const compileUrlForm = (form: string): ReadUrlForm | undefined => {
  const [inPath = '', inQuery] = form.split(/\?(.*)/s)
  const written = readPath(inPath)
  const args = readQuery(inQuery)
  if (written === undefined || args === undefined) return undefined
  const names = [...written.parts, ...args.keys()]
  const has = (name: Part): boolean => names.includes(name)
  const hasSource = has('path') ? !has('stem') : has('stem') && has('ending')
  const isClear = new Set(names).size === names.length && !(has('size') && (has('width') || has('height')))
  if (!hasSource || !isClear) return undefined
  const pattern = new RegExp(`^${written.pattern}$`, 's')
  return (rest, findArgument) => {
    const found = pattern.exec(rest)?.groups
    if (found === undefined) return undefined
    const sideOf = (name: Part): string | undefined => {
      const arg = args.get(name)
      return (arg === undefined ? found[name] : findArgument(arg)) || undefined
    }
    const size = sideOf('size') ?? '-'
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
    parts.push(piece)
    return PARTS[piece]
  })
  if (sources.includes(undefined) || (parts.includes('ending') && pieces.at(-1) !== '')) return undefined
  return { pattern: sources.join(''), parts }
}

const isSeparator = (text: string, index: number, length: number): boolean =>
  /^[A-Za-z/_.,;:!@~=+ -]*$/.test(text) && (text !== '' || index === 0 || index === length - 1)

const escapeText = (text: string): string => text.replace(/[/.+-]/g, '\\$&')

/** The names of arguments, by the sides that they give. */
const readQuery = (text: string | undefined): ReadonlyMap<Part, string> | undefined => {
  if (text === undefined) return new Map()
  const pairs = text.split('&').map((pair) => /^(\w+)=\{(width|height|size)\}$/.exec(pair) ?? [])
  const args = new Map(pairs.flatMap(([, arg, part]) => (arg && part && isPart(part) ? [[part, arg]] : [])))
  return args.size === pairs.length ? args : undefined
}
