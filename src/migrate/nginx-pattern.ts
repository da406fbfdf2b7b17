import type { TryPattern } from './try-pattern.ts'

/** The form of a location's URLs, and the names of their parts: `$1`, or `$width`. */
export type UrlForm =
  | { readonly kind: 'plain'; readonly prefix: string }
  /** `{prefix}{path}`, by a pattern. */
  | { readonly kind: 'path'; readonly prefix: string; readonly path: GroupNames }
  /** `{prefix}{W}x{H}/{path}` */
  | {
      readonly kind: 'sized'
      readonly prefix: string
      readonly width: GroupNames
      readonly height: GroupNames
      readonly path: GroupNames
    }
  /** `{prefix}{degrees}/{path}` */
  | {
      readonly kind: 'turned'
      readonly prefix: string
      readonly degrees: readonly (90 | 180 | 270)[]
      readonly angle: GroupNames
      readonly path: GroupNames
    }

type GroupNames = readonly string[]

/** Reads the arguments of `location`; undefined where its URLs have another form. */
export const readUrlForm = (args: readonly string[], tryPattern: TryPattern): UrlForm | undefined => {
  const pattern = args.at(-1) ?? ''
  if (args[0] !== '~' && args[0] !== '~*') {
    const [prefix] = PLAIN.exec(pattern) ?? []
    return prefix === undefined || args[0] === '=' ? undefined : { kind: 'plain', prefix }
  }
  const [head = '', written] = PREFIX.exec(pattern.replaceAll('\\/', '/')) ?? []
  if (written === undefined) return undefined
  const rest = pattern.replaceAll('\\/', '/').slice(head.length)
  return readGroups(rest, { prefix: written.replaceAll('\\', ''), tryPattern })
}

const PLAIN = /^\/(?:[A-Za-z0-9._~-]+\/)*$/
const PREFIX = /^\^(\/(?:(?:[A-Za-z0-9_~-]|\\[.-])+\/)*)/

/** A group that captures; groups inside it may capture or not. */
const GROUP = String.raw`\((?:\?P?<(\w+)>|(?!\?))((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)`
const SIZED = new RegExp(`^${GROUP}x${GROUP}/${GROUP}\\$?$`)
const TURNED = new RegExp(`^${GROUP}/${GROUP}\\$?$`)
const PATH = new RegExp(`^${GROUP}\\$?$`)

interface Reading {
  readonly prefix: string
  readonly tryPattern: TryPattern
}

const readGroups = (rest: string, { prefix, tryPattern }: Reading): UrlForm | undefined => {
  const listGroups = (found: RegExpExecArray | null): readonly Group[] => toGroups(found, tryPattern)
  const [width, height, sizedPath] = listGroups(SIZED.exec(rest))
  if (width !== undefined && height !== undefined && sizedPath !== undefined) {
    if (!isNumber(width) || !isNumber(height) || !isPath(sizedPath)) return undefined
    return { kind: 'sized', prefix, width: width.names, height: height.names, path: sizedPath.names }
  }
  const [angle, turnedPath] = listGroups(TURNED.exec(rest))
  if (angle !== undefined && turnedPath !== undefined) {
    const degrees = ([90, 180, 270] as const).filter((each) => angle.takes(String(each)))
    if (degrees.length === 0 || !isPath(turnedPath)) return undefined
    return { kind: 'turned', prefix, degrees, angle: angle.names, path: turnedPath.names }
  }
  const [path] = listGroups(PATH.exec(rest))
  return path === undefined || !isPath(path) ? undefined : { kind: 'path', prefix, path: path.names }
}

interface Group {
  readonly names: GroupNames
  readonly takes: (text: string) => boolean
}

const PATHS = ['jpg', 'jpeg', 'JPG', 'png', 'gif', 'webp'].map((ending) => `a/b-1.${ending}`)
/** All texts that a group is tried with, in one run. */
const TRIED = ['90', '180', '270', '120', 'a/b', ...PATHS]

/** Groups are counted by their opening brackets, including those inside others. */
const toGroups = (found: RegExpExecArray | null, tryPattern: TryPattern): readonly Group[] => {
  const groups: Group[] = []
  let index = 1
  for (let i = 1; i < (found?.length ?? 0); i += 2) {
    const [name, body = ''] = [found?.[i], found?.[i + 1]]
    const taken = tryPattern(body, TRIED)
    groups.push({
      names: [String(index), ...(name === undefined ? [] : [name])],
      takes: (text) => taken[TRIED.indexOf(text)] === true,
    })
    index += 1 + (body.match(/(?<!\\)\((?!\?)/g)?.length ?? 0)
  }
  return groups
}

const isNumber = ({ takes }: Group): boolean => takes('120') && !takes('a/b')

/** True whatever ending it requires. */
const isPath = ({ takes }: Group): boolean => PATHS.some(takes)
