import {
  type Directive,
  type NginxBlock,
  type NginxLocation,
  takesArgument,
  toBlock,
} from './nginx-blocks.ts'

/** What applies in a block. Each block asks the one around it, so that nothing is copied for a thousand locations. */
interface Scope {
  readonly around: readonly NginxBlock[]
  /** The last directive of a name, own or inherited. */
  find(name: string): Directive | undefined
  /** The value that `set` gives a variable. */
  variable(name: string): string | undefined
}

const NOTHING: Scope = { around: [], find: () => undefined, variable: () => undefined }

/** Every location of a configuration, at any depth, in order. */
export const listLocations = (directives: readonly Directive[]): readonly NginxLocation[] => {
  const locations: NginxLocation[] = []
  listWithin({ name: 'file', args: [], block: directives }, NOTHING, locations)
  return locations
}

const listWithin = (
  { name: kind, args, block = [] }: Directive,
  outer: Scope,
  locations: NginxLocation[],
): void => {
  const { around } = outer
  const inner = openScope(block, outer)
  const fill = createFill(inner)
  const own = block.map((directive) => ({ ...directive, args: directive.args.map(fill) }))
  const name = nameOf(kind, args, own)
  const setting = (wanted: string): readonly string[] | undefined => inner.find(wanted)?.args.map(fill)
  if (kind === 'location') locations.push({ name, args, own, around, setting })
  const scope = { ...inner, around: [toBlock(kind, name, own), ...around] }
  for (const directive of block) if (directive.block !== undefined) listWithin(directive, scope, locations)
}

const openScope = (block: readonly Directive[], outer: Scope): Omit<Scope, 'around'> => {
  const own = new Map<string, Directive>()
  const values = new Map<string, string>()
  for (const directive of block) {
    const { name, args, block: inner } = directive
    if (inner !== undefined) {
      for (const [variable, argument] of listArguments(directive))
        if (/^-?$/.test(values.get(variable) ?? '')) values.set(variable, argument)
      continue
    }
    own.set(name, directive)
    const [set = '', value] = args
    if (name === 'set' && set.startsWith('$') && value !== undefined) values.set(set.slice(1), value)
  }
  return {
    find: (name) => own.get(name) ?? outer.find(name),
    variable: (name) => values.get(name) ?? outer.variable(name),
  }
}

/**
 * Variables that are an argument of the URL where that is given: `if ($arg_w != "") { set $width $arg_w; }`, or
 * `map $arg_w $width { default $arg_w; }`.
 */
const listArguments = ({ name, args, block = [] }: Directive): readonly (readonly [string, string])[] => {
  const [from = '', to = ''] = args
  const isMapped = block.some((each) => each.name === 'default' && each.args[0] === from)
  const pairs =
    name === 'if'
      ? block.filter((each) => takesArgument(each, args)).map((each) => each.args)
      : name === 'map' && isMapped && /^\$arg_\w+$/.test(from)
        ? [[to, from]]
        : []
  return pairs.map(([variable = '', value = '']) => [variable.slice(1), value])
}

const nameOf = (kind: string, args: readonly string[], own: readonly Directive[]): string => {
  if (kind === 'file') return 'the top of the file'
  const named = (name: string): string | undefined =>
    own.find((directive) => directive.name === name)?.args[0]
  const said = kind === 'server' ? [named('server_name') ?? named('listen') ?? ''] : args
  return [kind, ...said].filter((word) => word !== '').join(' ')
}

/** Variables may contain variables; both the depth and the length of a text are limited. */
const MOST_ROUNDS = 8
const LONGEST = 4_096

/** Replaces variables that `set` defines. Variables of the request, `$1` or `$arg_key`, stay. */
const createFill = ({ variable }: Pick<Scope, 'variable'>): ((text: string) => string) => {
  const once = (text: string): string =>
    text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
      return variable(braced ?? plain ?? '') ?? whole
    })
  return (text) => {
    let filled = text
    for (let round = 0; round < MOST_ROUNDS && filled.includes('$'); round++) {
      const next = once(filled)
      if (next === filled || next.length > LONGEST) return filled
      filled = next
    }
    return filled
  }
}
