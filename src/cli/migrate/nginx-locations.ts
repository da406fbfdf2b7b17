import type { Directive } from './nginx-directives.ts'

/** A location with what holds in it. */
export interface NginxLocation {
  /** As it is written: `location ~ ^/t/…`. */
  readonly name: string
  readonly args: readonly string[]
  /** Its own directives, variables that are set to a text filled in. */
  readonly own: readonly Directive[]
  /** The arguments of the last directive of a name, its own or inherited, filled in likewise. */
  setting(name: string): readonly string[] | undefined
}

/** What a block inherits. */
interface Scope {
  readonly directives: readonly Directive[]
}

/** Every location of a configuration, at any depth, in order. */
export const listLocations = (
  directives: readonly Directive[],
  outer: Scope = { directives: [] },
): readonly NginxLocation[] => {
  const scope = { directives: [...outer.directives, ...directives.filter(isPlain)] }
  return directives.flatMap(({ name, args, block }) => {
    if (block === undefined) return []
    const inner = listLocations(block, scope)
    return name === 'location' ? [toLocation(args, block, scope), ...inner] : inner
  })
}

const isPlain = ({ block }: Directive): boolean => block === undefined

const toLocation = (args: readonly string[], block: readonly Directive[], outer: Scope): NginxLocation => {
  const known = [...outer.directives, ...block.filter(isPlain)]
  const fill = createFill(known)
  return {
    name: `location ${args.join(' ')}`,
    args,
    own: block.map((directive) => ({ ...directive, args: directive.args.map(fill) })),
    setting: (name) => known.findLast((directive) => directive.name === name)?.args.map(fill),
  }
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
