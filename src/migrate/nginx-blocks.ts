import type { Directive } from './nginx-directives.ts'

/** A location with what holds in it. */
export interface NginxLocation {
  /** As it is written: `location ~ ^/t/…`. */
  readonly name: string
  readonly args: readonly string[]
  /** Its own directives, variables that are set to a text filled in. */
  readonly own: readonly Directive[]
  /** What stands around it, from the inside out. */
  readonly around: readonly NginxBlock[]
  /** The arguments of the last directive of a name, its own or inherited, filled in likewise. */
  setting(name: string): readonly string[] | undefined
}

/**
 * What locations stand in; the same for all of its locations, of which there may be thousands: what each of them asks
 * of it is found once.
 */
export interface NginxBlock {
  /** `server`, `http`, `location`; `file` at the top of one. */
  readonly kind: string
  /** As it is told: `server img.example.com`. */
  readonly name: string
  /** Those of its directives that say who may see what, or hold within it, or for every request; each once. */
  readonly rules: readonly Directive[]
  /** Of those, who may see what. */
  readonly access: readonly Directive[]
  /** What its `listen` say first. */
  readonly listens: readonly string[]
  readonly headers: readonly AddedHeader[]
}

/** What `add_header` says. */
export interface AddedHeader {
  /** In lower case. */
  readonly name: string
  readonly written: string
  readonly value: string
}

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

export const toHeaders = (own: readonly Directive[]): readonly AddedHeader[] =>
  own.flatMap(({ name, args: [written = '', value = ''] }) =>
    name === 'add_header' ? [{ name: written.toLowerCase(), written, value }] : [],
  )

/** Who may see the pictures of a location. */
const ACCESS = /^(?:allow|deny|satisfy|auth_(?!.*_file$)\w+|ssl_verify_client|access_by_lua\w*|js_access)$/

/** What else a block makes hold in the locations in it, unless one says so itself, and that shows. */
const INHERITED =
  /^(?:limit_(?:req|conn|rate)|valid_referers|error_page|more_set_headers|modsecurity|image_filter_(?:sharpen|transparency|webp_quality))$/

/** What a server does with every request before it looks for a location. */
const OF_SERVERS = /^(?:if|rewrite|return)$/

export const isAccess = (name: string): boolean => ACCESS.test(name)

export const isInherited = (name: string): boolean => isAccess(name) || INHERITED.test(name)

export const isOfServers = (name: string): boolean => OF_SERVERS.test(name)

const isRule = ({ name }: Directive): boolean => isInherited(name) || isOfServers(name)

export const isOff = ({ args }: Directive): boolean => args.length === 1 && args[0] === 'off'

/** Whom one keeps out does not matter, but that it does. */
const idOf = (rule: Directive): string =>
  isAccess(rule.name) ? `${rule.name} ${isOff(rule)}` : [rule.name, ...rule.args].join(' ')
