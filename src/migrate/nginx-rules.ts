import { isLocal, listensOf } from './nginx-addresses.ts'
import {
  type Directive,
  isAccess,
  isInherited,
  isOff,
  isOfServers,
  type NginxBlock,
  type NginxLocation,
} from './nginx-blocks.ts'

/** A directive of a block around a location that applies to it. */
interface OuterRule {
  readonly block: NginxBlock
  readonly directive: Directive
}

/** The rules around a location that apply to it, the nearest first. */
export const listRules = (location: NginxLocation): readonly OuterRule[] =>
  listWithin(location, ({ rules }) => rules)

const listWithin = (
  { own, around }: NginxLocation,
  rulesOf: (block: NginxBlock) => readonly Directive[],
): readonly OuterRule[] => {
  const said = new Set(own.map(({ name }) => groupOf(name)))
  return around.flatMap((block) => {
    const rules = rulesOf(block).filter(
      ({ name }) =>
        (isInherited(name) && !said.has(groupOf(name))) || (block.kind === 'server' && isOfServers(name)),
    )
    for (const { name } of rules) said.add(groupOf(name))
    return rules.map((directive) => ({ block, directive }))
  })
}

/** `allow` and `deny` of one block form a list, which is replaced as a whole by another list. */
const groupOf = (name: string): string => (name === 'deny' ? 'allow' : name)

/** Whether nginx restricts access to a location. */
export const isClosed = (location: NginxLocation): boolean => {
  const outer = listWithin(location, ({ access }) => access).map(({ directive }) => directive)
  const keepsOut = [...location.own, ...outer].some(
    (rule) => isAccess(rule.name) && !/^(?:allow|satisfy)$/.test(rule.name) && !isOff(rule),
  )
  const listens = listensOf(location)
  return keepsOut || (listens.length > 0 && listens.every(isLocal))
}
