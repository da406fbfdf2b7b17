import {
  type Directive,
  type NginxBlock,
  type NginxChoice,
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
  choice(name: string): NginxChoice | undefined
}

const NOTHING: Scope = {
  around: [],
  find: () => undefined,
  variable: () => undefined,
  choice: () => undefined,
}

/** Every location of a configuration, at any depth, in order. */
export const listLocations = (directives: readonly Directive[]): readonly NginxLocation[] => {
  const locations: NginxLocation[] = []
  listWithin({ name: 'file', args: [], block: directives }, NOTHING, locations)
  return locations
}

const listWithin = (
  { name: kind, args, block: written = [] }: Directive,
  outer: Scope,
  locations: NginxLocation[],
): void => {
  const block = written.map(nameArgument)
  const { around } = outer
  const inner = openScope(block, outer)
  const fill = createFill(inner)
  const own = block.map((directive) => ({ ...directive, args: directive.args.map(fill) }))
  const name = nameOf(kind, args, own)
  const setting = (wanted: string): readonly string[] | undefined => inner.find(wanted)?.args.map(fill)
  if (kind === 'location') locations.push({ name, args, own, around, setting, choice: inner.choice })
  const scope = { ...inner, around: [toBlock(kind, name, own), ...around] }
  for (const directive of block) if (directive.block !== undefined) listWithin(directive, scope, locations)
}

/** `if ($arg_w ~ ^(\\d+)$) { set $width $1; }` with the argument in place of `$1`. */
const nameArgument = (directive: Directive): Directive => {
  const { name, args, block } = directive
  const [, argument] =
    /^\((\$arg_\w+) ~\*? \^?\((?:\\d|\[0-9\])(?:\+|\*|\{[\d,]+\})\)\$?\)$/.exec(args.join(' ')) ?? []
  if (name !== 'if' || argument === undefined || block === undefined) return directive
  const toNamed = (each: Directive): Directive =>
    each.name === 'set' ? { ...each, args: each.args.map((arg) => (arg === '$1' ? argument : arg)) } : each
  return { ...directive, block: block.map(toNamed) }
}

const openScope = (block: readonly Directive[], outer: Scope): Omit<Scope, 'around'> => {
  const own = new Map<string, Directive>()
  const values = new Map<string, string>()
  const choices = new Map<string, NginxChoice>()
  for (const directive of block) {
    const { name, args, block: inner } = directive
    if (inner !== undefined) {
      const taken = listArguments(directive)
      for (const [variable, argument, missing] of taken) {
        const otherwise = missing ?? values.get(variable) ?? '-'
        if (!/^(?:-|\d*)$/.test(otherwise)) continue
        values.set(variable, argument)
        choices.set(argument.slice(1), { from: argument, values: new Map(), otherwise })
      }
      for (const [variable, choice] of name === 'map' && taken.length > 0 ? [] : listChoices(directive)) {
        choices.set(variable, join(choices.get(variable), choice, values.get(variable)))
        // It has no value that is always the same.
        values.set(variable, `$${variable}`)
      }
      continue
    }
    own.set(name, directive)
    const [set = '', value] = args
    if (name !== 'set' || !set.startsWith('$') || value === undefined) continue
    values.set(set.slice(1), value)
    choices.delete(set.slice(1))
  }
  return {
    find: (name) => own.get(name) ?? outer.find(name),
    variable: (name) => values.get(name) ?? outer.variable(name),
    choice: (name) => choices.get(name) ?? outer.choice(name),
  }
}

/** Whether a `map` lets numbers through: `~^\d+$ $arg_w`, `~^(?<n>[0-9]+)$ $n`. */
const takesNumber = ({ name, args: [value = ''] }: Directive, from: string): boolean => {
  const [whole, group = '1'] =
    /^~\*?\^\(?(?:\?P?<(\w+)>)?(?:\\d|\[0-9\])(?:\+|\{[\d,]+\})\)?\$$/.exec(name) ?? []
  return whole !== undefined && (value === from || value === `$${group}`)
}

/** Variables that get another value where one condition holds, or that a `map` sets to one of several texts. */
const listChoices = ({ name, args, block = [] }: Directive): readonly (readonly [string, NginxChoice])[] => {
  if (name === 'map') {
    const [from = '', to = ''] = args
    const { default: otherwise = '', ...named } = Object.fromEntries(
      block.map((each) => [each.name, each.args[0] ?? '']),
    )
    return [[to.slice(1), { from, otherwise, values: toChosen(named) }]]
  }
  const [, from = '', key = ''] = /^\((\$\w+) = ([\w-]+)\)$/.exec(args.join(' ')) ?? []
  const takes = takesArgument(args)
  const sets = name === 'if' ? block.filter((each) => each.name === 'set' && !takes(each)) : []
  return sets.map(({ args: [set = '', value = ''] }) => [
    set.slice(1),
    { from, otherwise: '', values: toChosen({ [key]: value }) },
  ])
}

/** A choice with what was chosen before, or with the value that was `set` before. */
const join = (before: NginxChoice | undefined, choice: NginxChoice, set: string | undefined): NginxChoice =>
  before === undefined
    ? { ...choice, otherwise: set ?? choice.otherwise }
    : {
        // Of two variables, it is not known which counts.
        from: before.from === choice.from ? choice.from : '',
        values: new Map([...before.values, ...choice.values]),
        otherwise: before.otherwise,
      }

const toChosen = (named: Readonly<Record<string, string>>): NginxChoice['values'] =>
  new Map(Object.entries(named))

/**
 * Variables that are an argument of the URL where that is given, and what they are where it is not:
 * `if ($arg_w != "") { set $width $arg_w; }`, or `map $arg_w $width { default $arg_w; "" 300; }`.
 */
const listArguments = ({
  name,
  args,
  block = [],
}: Directive): readonly (readonly [variable: string, argument: string, missing: string | undefined])[] => {
  const [from = '', to = ''] = args
  const isMapped = block.some((each) => each.name === 'default' && each.args[0] === from)
  const others = block.filter((each) => !takesNumber(each, from))
  // What is no number is as missing.
  const isNumber = others.length < block.length && others.every((each) => /^(?:default)?$/.test(each.name))
  const missing = block.find((each) => each.name === (isNumber ? 'default' : ''))?.args[0]
  const found =
    name === 'if'
      ? block.filter(takesArgument(args)).map((each) => each.args)
      : name === 'map' && (isMapped || isNumber) && /^\$arg_\w+$/.test(from)
        ? [[to, from, missing]]
        : []
  return found.map(([variable = '', value = '', otherwise]) => [variable.slice(1), value, otherwise])
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
