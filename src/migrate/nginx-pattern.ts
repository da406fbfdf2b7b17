import type { TryPattern } from './try-pattern.ts'

/** The form of a location's URLs. */
export type UrlForm =
  /** `{prefix}` and any path. */
  | { readonly kind: 'plain'; readonly prefix: string }
  /** The prefix, then texts and groups in turns. One group is the path of an original. */
  | {
      readonly kind: 'pattern'
      readonly prefix: string
      readonly pieces: readonly (string | Group)[]
      readonly path: Group
      /** The ending of a file, where the URL ends with it. */
      readonly ending: Group | undefined
    }

/** A part of a URL that a pattern names: `$1`, or `$width`. */
export interface Group {
  readonly names: readonly string[]
  /** Whether it may be this text, of those that are tried. */
  readonly takes: (text: string) => boolean
  /** All texts that it may be, where its pattern lists them: `small|large`. */
  readonly alternatives: readonly string[]
}

/** Reads the arguments of `location`; undefined where its URLs have another form. A missing "^" is added. */
export const readUrlForm = (args: readonly string[], tryPattern: TryPattern): UrlForm | undefined => {
  const written = args.at(-1) ?? ''
  if (args[0] !== '~' && args[0] !== '~*') {
    const [prefix] = PLAIN.exec(written) ?? []
    return prefix === undefined || args[0] === '=' ? undefined : { kind: 'plain', prefix }
  }
  if (ANY_FILE.test(written)) return { kind: 'plain', prefix: '/' }
  const pattern = written.replaceAll('\\/', '/').replace(OPTIONAL_PATH, '$1')
  const [head = '', folders] = PREFIX.exec(pattern) ?? []
  if (folders === undefined) return undefined
  const prefix = folders.replaceAll('\\', '')
  const rest = pattern.slice(head.length)
  return ANY_PATH.test(rest) ? { kind: 'plain', prefix } : readPieces(rest, prefix, tryPattern)
}

const PLAIN = /^\/(?:[A-Za-z0-9._~-]+\/)*(?:[A-Za-z0-9._~-]+)?$/
const PREFIX = /^\^?(\/(?:(?:[A-Za-z0-9_~-]|\\[.-])+\/)*)/

/** A path without a group, with its ending where that is said. */
const ENDING = String.raw`\\\.(?:\w+|\((?:\?:)?[\w|?]+\))`
const ANY_PATH = new RegExp(`^(?:\\.[*+](?:${ENDING})?)?\\$?$`)
const ANY_FILE = new RegExp(`^\\^?(?:\\.[*+])?${ENDING}\\$$`)

/** A path that may be missing at the end, where there is nothing to show: `(?:/(.*))?` */
const OPTIONAL_PATH = /\(\?:(\/\([^()]*\))\)\?(?=\$?$)/

/** A group, in which groups may capture or not; or text, in which a point is escaped. */
const PIECE =
  /\((?:\?P?<(\w+)>|(\?:)|(?!\?))((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)|((?:[A-Za-z0-9/_~!@:;,=-]|\\[^A-Za-z0-9])+)/gy

/** Of more, no URL of pictures consists. */
const MOST_PIECES = 20

/** Groups are counted by their opening brackets, including those inside others. */
const readPieces = (pattern: string, prefix: string, tryPattern: TryPattern): UrlForm | undefined => {
  const pieces: (string | Group)[] = []
  let index = 1
  let at = 0
  for (const [whole, name, isUnnamed, body = '', text] of pattern.matchAll(PIECE)) {
    at += whole.length
    if (pieces.length === MOST_PIECES) return undefined
    if (text !== undefined) {
      pieces.push(text.replaceAll('\\', ''))
      continue
    }
    const own = isUnnamed === undefined ? [String(index++)] : []
    pieces.push(toGroup([...own, ...(name === undefined ? [] : [name])], body, tryPattern))
    index += body.match(/(?<!\\)\((?!\?)/g)?.length ?? 0
  }
  const rest = pattern.slice(at).replace(/\$$/, '')
  // A path that no group captures here: a rewrite does.
  const isOpen = rest !== '' && ANY_PATH.test(rest)
  if (isOpen) pieces.push(toGroup([], rest, tryPattern))
  const [path, ...others] = pieces.filter((each): each is Group => typeof each !== 'string' && isPath(each))
  if ((rest !== '' && !isOpen) || path === undefined || others.length > 0) return undefined
  const last = pieces.at(-1)
  const ending = typeof last === 'object' && last !== path && last.takes('jpg') ? last : undefined
  return { kind: 'pattern', prefix, pieces, path, ending }
}

const PATHS = ['jpg', 'jpeg', 'JPG', 'png', 'gif', 'webp'].map((ending) => `a/b-1.${ending}`)
/** All texts that a group is tried with, in one run. */
const TRIED = ['90', '180', '270', '120', '1200', 'a/b', 'jpg', ...PATHS]

const toGroup = (names: readonly string[], body: string, tryPattern: TryPattern): Group => {
  const taken = tryPattern(body, TRIED)
  const alternatives = /^[\w|/-]+$/.test(body) ? body.split('|') : []
  return { names, takes: (text) => taken[TRIED.indexOf(text)] === true, alternatives }
}

/** True whatever ending it requires. */
const isPath = ({ takes }: Group): boolean => PATHS.some(takes)

/** What a URL of this form may begin with, before its path; undefined where that is not known. */
export const sampleHead = (form: UrlForm): string | undefined => {
  if (form.kind === 'plain') return form.prefix
  const before = form.pieces
    .slice(0, form.pieces.indexOf(form.path))
    .map((piece) => (typeof piece === 'string' ? piece : (piece.alternatives[0] ?? TRIED.find(piece.takes))))
  return before.includes(undefined) ? undefined : form.prefix + before.join('')
}

/** Whether one of these texts puts a path together with the ending of its URL: `$1.$4`. */
export const joinsEnding = (texts: readonly string[], form: UrlForm): boolean => {
  if (form.kind === 'plain' || form.ending === undefined) return false
  const joined = new RegExp(`${variableOf(form.path)}\\.${variableOf(form.ending)}$`)
  return texts.some((text) => joined.test(text))
}

/** A pattern of the variable of a group. */
export const variableOf = ({ names }: Group): string => {
  const either = names.join('|')
  return `\\$(?:${either}|\\{(?:${either})\\})`
}

/** Whether `text` is the variable of a group. */
export const names = (text: string, { names }: Group): boolean =>
  names.includes(/^\$\{?(\w+)\}?$/.exec(text)?.[1] ?? '')
