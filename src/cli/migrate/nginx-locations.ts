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

/** What locations stand in; the same for all of its locations. */
export interface NginxBlock {
  /** `server`, `http`, `location`; `file` at the top of one. */
  readonly kind: string
  /** As it is told: `server img.example.com`. */
  readonly name: string
  /** Its own directives, filled in. */
  readonly own: readonly Directive[]
}

/** What a block inherits. */
interface Scope {
  readonly directives: readonly Directive[]
  readonly around: readonly NginxBlock[]
}

/** Every location of a configuration, at any depth, in order. */
export const listLocations = (directives: readonly Directive[]): readonly NginxLocation[] =>
  listWithin({ name: 'file', args: [], block: directives }, { directives: [], around: [] })

const listWithin = ({ name: kind, args, block = [] }: Directive, outer: Scope): readonly NginxLocation[] => {
  const known = [...outer.directives, ...block.filter(isPlain)]
  const fill = createFill(known)
  const own = block.map((directive) => ({ ...directive, args: directive.args.map(fill) }))
  const scope = { directives: known, around: [{ kind, name: nameOf(kind, args, own), own }, ...outer.around] }
  const inner = block.flatMap((directive) =>
    directive.block === undefined ? [] : listWithin(directive, scope),
  )
  if (kind !== 'location') return inner
  const setting = (name: string): readonly string[] | undefined =>
    known.findLast((directive) => directive.name === name)?.args.map(fill)
  return [{ name: nameOf(kind, args, own), args, own, around: outer.around, setting }, ...inner]
}

const isPlain = ({ block }: Directive): boolean => block === undefined

const nameOf = (kind: string, args: readonly string[], own: readonly Directive[]): string => {
  if (kind === 'file') return 'the top of the file'
  const named = (name: string): string | undefined =>
    own.find((directive) => directive.name === name)?.args[0]
  const said = kind === 'server' ? [named('server_name') ?? named('listen') ?? ''] : args
  return [kind, ...said].filter((word) => word !== '').join(' ')
}

/** Variables name variables, but not for ever. */
const MOST_ROUNDS = 8

/** Puts in what `set` says of a variable. What a request says, `$1` or `$arg_key`, stays. */
const createFill = (directives: readonly Directive[]): ((text: string) => string) => {
  const values = new Map(
    directives.flatMap(({ name, args: [variable = '', value] }) =>
      name === 'set' && variable.startsWith('$') && value !== undefined
        ? [[variable.slice(1), value] as const]
        : [],
    ),
  )
  const once = (text: string): string =>
    text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
      return values.get(braced ?? plain ?? '') ?? whole
    })
  return (text) => {
    let filled = text
    for (let round = 0; round < MOST_ROUNDS && once(filled) !== filled; round++) filled = once(filled)
    return filled
  }
}
