import { isLocal, listensOf } from './nginx-addresses.ts'
import type { Directive } from './nginx-directives.ts'
import type { NginxBlock, NginxLocation } from './nginx-locations.ts'

/** Who may see the pictures of a location. */
const ACCESS = /^(?:allow|deny|satisfy|auth_(?!.*_file$)\w+|ssl_verify_client|access_by_lua\w*|js_access)$/

/** What else a block makes hold in the locations in it, unless one says so itself, and that shows. */
const INHERITED =
  /^(?:limit_(?:req|conn|rate)|valid_referers|error_page|more_set_headers|modsecurity|image_filter_(?:sharpen|transparency|webp_quality))$/

/** What a server does with every request before it looks for a location. */
const OF_SERVERS = /^(?:if|rewrite|return)$/

/** A directive that holds in a location and stands around it. */
export interface OuterRule {
  readonly block: NginxBlock
  readonly directive: Directive
}

/** The rules that hold in a location and stand around it, the nearest first. */
export const listRules = ({ own, around }: NginxLocation): readonly OuterRule[] => {
  const said = new Set(own.map(({ name }) => groupOf(name)))
  return around.flatMap((block) => {
    const rules = block.own.filter(
      ({ name }) =>
        ((isAccess(name) || INHERITED.test(name)) && !said.has(groupOf(name))) ||
        (block.kind === 'server' && OF_SERVERS.test(name)),
    )
    for (const { name } of block.own) said.add(groupOf(name))
    return rules.map((directive) => ({ block, directive }))
  })
}

export const isAccess = (name: string): boolean => ACCESS.test(name)

/** One block's `allow` and `deny` are a list, which another list takes the place of. */
const groupOf = (name: string): string => (name === 'deny' ? 'allow' : name)

export const isOff = ({ args }: Directive): boolean => args.length === 1 && args[0] === 'off'

/** Whether not everybody may ask for what a location shows, as far as nginx is concerned. */
export const isClosed = (location: NginxLocation): boolean => {
  const rules = [...location.own, ...listRules(location).map(({ directive }) => directive)]
  const keepsOut = rules.some(
    (rule) => isAccess(rule.name) && !/^(?:allow|satisfy)$/.test(rule.name) && !isOff(rule),
  )
  const listens = listensOf(location)
  return keepsOut || (listens.length > 0 && listens.every(isLocal))
}
