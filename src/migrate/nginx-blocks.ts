import { Problem } from '../core/problem.ts'

/** A location, with everything that applies in it. */
export interface NginxLocation {
  /** As it is written: `location ~ ^/t/…`. */
  readonly name: string
  readonly args: readonly string[]
  /** Its own directives, with variables replaced whose value is fixed. */
  readonly own: readonly Directive[]
  /** The blocks around it, the innermost first. */
  readonly around: readonly NginxBlock[]
  /** The arguments of the last directive of a name, own or inherited, with variables replaced likewise. */
  setting(name: string): readonly string[] | undefined
  /** How the value of a variable is chosen, for one that `if` or `map` sets. */
  choice(variable: string): NginxChoice | undefined
}

/** `if ($from = name) { set $variable value; }`, for several names, or `map $from $variable { name value; }`. */
export interface NginxChoice {
  /** With its "$". */
  readonly from: string
  /** By name. */
  readonly values: ReadonlyMap<string, string>
  /** For all other names. */
  readonly otherwise: string
}

/**
 * A block that contains locations. There may be thousands of locations in it: what they all need to know of it is found
 * once.
 */
export interface NginxBlock {
  /** `server`, `http`, `location`; `file` for the top level of a file. */
  readonly kind: string
  /** Its name in notes: `server img.example.com`. */
  readonly name: string
  /** Its directives that control access, are inherited, or apply to every request; each once. */
  readonly rules: readonly Directive[]
  /** Those of them that control access. */
  readonly access: readonly Directive[]
  /** The first arguments of its `listen`. */
  readonly listens: readonly string[]
  readonly headers: readonly AddedHeader[]
}

/** A header that `add_header` adds. */
export interface AddedHeader {
  /** In lower case. */
  readonly name: string
  readonly written: string
  readonly value: string
}

/** Finds the rules among the directives of a block. */
export const toBlock = (kind: string, name: string, own: readonly Directive[]): NginxBlock => {
  const rules = [...new Map(own.filter(isRule).map((rule) => [idOf(rule), rule])).values()]
  return {
    kind,
    name,
    rules,
    access: rules.filter((rule) => isAccess(rule.name)),
    listens: own.flatMap((each) => (each.name === 'listen' ? each.args.slice(0, 1) : [])),
    headers: toHeaders(own),
  }
}

/** The headers that these directives add. */
export const toHeaders = (own: readonly Directive[]): readonly AddedHeader[] =>
  own.flatMap(({ name, args: [written = '', value = ''] }) =>
    name === 'add_header' ? [{ name: written.toLowerCase(), written, value }] : [],
  )

/** Directives that control who may see the pictures of a location. */
const ACCESS = /^(?:allow|deny|satisfy|auth_(?!.*_file$)\w+|ssl_verify_client|access_by_lua\w*|js_access)$/

/** Other directives of a block that its locations inherit, unless they set them, and whose effect is visible. */
const INHERITED =
  /^(?:limit_(?:req|conn|rate)|valid_referers|error_page|more_set_headers|modsecurity|image_filter_(?:sharpen|transparency|webp_quality))$/

/** Directives that a server applies to every request before it chooses a location. */
const OF_SERVERS = /^(?:if|rewrite|return)$/

/** Whether a directive controls access. */
export const isAccess = (name: string): boolean => ACCESS.test(name)

/** Whether locations inherit a directive. */
export const isInherited = (name: string): boolean => isAccess(name) || INHERITED.test(name)

/** Whether a server applies a directive to every request. */
export const isOfServers = (name: string): boolean => OF_SERVERS.test(name)

const isRule = ({ name }: Directive): boolean => isInherited(name) || isOfServers(name)

/** Whether a directive only says `off`. */
export const isOff = ({ args }: Directive): boolean => args.length === 1 && args[0] === 'off'

/** Names a rule. Whom an access rule keeps out does not matter. */
const idOf = (rule: Directive): string =>
  isAccess(rule.name) ? `${rule.name} ${isOff(rule)}` : [rule.name, ...rule.args].join(' ')

/** A directive of an nginx configuration. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  /** The content of its braces, if it has them. */
  readonly block?: readonly Directive[]
}

/** A comment, a quoted text, a sign, or a word. None is searched beyond its end, or more than once to the end. */
const TOKEN = /#[^\n]*|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([{};])|(?:\\.|\$\{\w*\}|[^\s;{}\\])+/gs

/** No real configuration is nested so deeply; the functions that read it are recursive. */
const MOST_DEEP = 64
const LONGEST_WORD = 4_096

/**
 * The directives of a configuration, in order. What is not understood is left out; missing closing braces are added.
 * Problem `nginx-too-deep`.
 */
export const parseNginx = (text: string): readonly Directive[] => {
  const root: Directive[] = []
  const open: Directive[][] = [root]
  let words: string[] = []
  for (const [token, double, single, sign] of text.matchAll(TOKEN)) {
    if (token.startsWith('#')) continue
    if (sign === undefined) {
      words.push((double ?? single ?? token).slice(0, LONGEST_WORD).replace(/\\(["'\\])/g, '$1'))
      continue
    }
    const [name, ...args] = words
    words = []
    if (sign === '}') {
      if (open.length > 1) open.pop()
      continue
    }
    const block: Directive[] = []
    if (name !== undefined) open.at(-1)?.push({ name, args, ...(sign === '{' && { block }) })
    if (sign === '{') open.push(block)
    if (open.length > MOST_DEEP)
      throw new Problem('nginx-too-deep', `A configuration of nginx is nested more than ${MOST_DEEP} deep.`)
  }
  return root
}

/**
 * Whether a directive in an `if` with this condition is the other half of `if ($arg_w != "") { set $width $arg_w; }`. The
 * condition is read once for all directives.
 */
export const takesArgument = (condition: readonly string[]): ((directive: Directive) => boolean) => {
  const asked = new Set(condition.join(' ').match(/\$\w+/g))
  return ({ name, args: [, value = ''] }) => name === 'set' && /^\$arg_\w+$/.test(value) && asked.has(value)
}
