/** What the URLs of a location look like, and under which names it calls their parts: `$1`, or `$width`. */
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

/** Of one group. */
export type GroupNames = readonly string[]

/** Reads what follows `location`; undefined where its URLs are of another form. */
export const readUrlForm = (args: readonly string[]): UrlForm | undefined => {
  const pattern = args.at(-1) ?? ''
  if (args[0] !== '~' && args[0] !== '~*') {
    const [prefix] = PLAIN.exec(pattern) ?? []
    return prefix === undefined || args[0] === '=' ? undefined : { kind: 'plain', prefix }
  }
  const [head = '', written] = PREFIX.exec(pattern.replaceAll('\\/', '/')) ?? []
  if (written === undefined) return undefined
  return readGroups(pattern.replaceAll('\\/', '/').slice(head.length), written.replaceAll('\\', ''))
}

const PLAIN = /^\/(?:[A-Za-z0-9._~-]+\/)*$/
const PREFIX = /^\^(\/(?:(?:[A-Za-z0-9_~-]|\\[.-])+\/)*)/

/** A group that captures; those within it may or may not. */
const GROUP = String.raw`\((?:\?P?<(\w+)>|(?!\?))((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)`
const SIZED = new RegExp(`^${GROUP}x${GROUP}/${GROUP}\\$?$`)
const TURNED = new RegExp(`^${GROUP}/${GROUP}\\$?$`)
const PATH = new RegExp(`^${GROUP}\\$?$`)

const readGroups = (rest: string, prefix: string): UrlForm | undefined => {
  const [width, height, sizedPath] = listGroups(SIZED.exec(rest))
  if (width !== undefined && height !== undefined && sizedPath !== undefined) {
    if (!isNumber(width) || !isNumber(height) || !isPath(sizedPath)) return undefined
    return { kind: 'sized', prefix, width: width.names, height: height.names, path: sizedPath.names }
  }
  const [angle, turnedPath] = listGroups(TURNED.exec(rest))
  if (angle !== undefined && turnedPath !== undefined) {
    const degrees = ([90, 180, 270] as const).filter((each) => matches(angle, String(each)))
    if (degrees.length === 0 || !isPath(turnedPath)) return undefined
    return { kind: 'turned', prefix, degrees, angle: angle.names, path: turnedPath.names }
  }
  const [path] = listGroups(PATH.exec(rest))
  return path === undefined || !isPath(path) ? undefined : { kind: 'path', prefix, path: path.names }
}

interface Group {
  readonly names: GroupNames
  readonly body: string
}

/** Groups are counted by their opening brackets, those within others too. */
const listGroups = (found: RegExpExecArray | null): readonly Group[] => {
  const groups: Group[] = []
  let index = 1
  for (let i = 1; i < (found?.length ?? 0); i += 2) {
    const [name, body = ''] = [found?.[i], found?.[i + 1]]
    groups.push({ names: [String(index), ...(name === undefined ? [] : [name])], body })
    index += 1 + (body.match(/(?<!\\)\((?!\?)/g)?.length ?? 0)
  }
  return groups
}

const matches = ({ body }: Group, text: string): boolean => {
  try {
    return new RegExp(`^(?:${body})$`).test(text)
  } catch {
    return false // a syntax that is PCRE's alone
  }
}

const isNumber = (group: Group): boolean => matches(group, '120') && !matches(group, 'a/b')

/** Whatever ending it insists on. */
const isPath = (group: Group): boolean =>
  ['jpg', 'jpeg', 'JPG', 'png', 'gif', 'webp'].some((ending) => matches(group, `a/b-1.${ending}`))
