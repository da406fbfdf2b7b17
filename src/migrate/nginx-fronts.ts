import { reaches, type Upstreams } from './nginx-addresses.ts'
import type { Directive, NginxLocation } from './nginx-blocks.ts'
import { type Group, readUrlForm, type UrlForm, variableOf } from './nginx-pattern.ts'
import { isGuarded } from './nginx-signing.ts'
import type { TryPattern } from './try-pattern.ts'

/** A location that visitors' requests pass on their way to one that resizes. */
export interface NginxFront {
  readonly location: NginxLocation
  /** What the URLs that visitors ask for begin with. */
  readonly prefix: string
  /** Their form, where it is another than behind, with the groups that are named there. */
  readonly form?: UrlForm
}

type PatternForm = Extract<UrlForm, { kind: 'pattern' }>

/** How a location rewrites its URLs before it passes them on: `from` at the front is replaced by `to`. */
interface Step {
  readonly location: NginxLocation
  /** What its URLs begin with. */
  readonly within: string
  readonly from: string
  readonly to: string
  /** Where the parts of its URLs come in another order, or between other texts: what follows `to`. */
  readonly turned?: { readonly form: PatternForm; readonly rest: string }
  /** Undefined where the same server looks for another location. */
  readonly host?: string
}

/** The steps of all locations. */
export interface Steps {
  /** By the beginning of the URLs that they make, and by each folder of it but "/". */
  readonly byStart: ReadonlyMap<string, readonly Step[]>
  readonly followed: Set<Step>
  /** Those that could not be followed to a location, with the name of the first. */
  readonly lost: Map<Step, string>
}

/** Reads the steps of each location. */
export const indexSteps = (locations: readonly NginxLocation[], tryPattern: TryPattern): Steps => {
  const steps = new Map<string, Step[]>()
  const named = indexNamed(locations)
  for (const location of locations) {
    for (const step of readSteps(location, listPassing(location, named), tryPattern))
      for (const to of [step.to, ...listFolders(step.to)])
        if (steps.get(to)?.push(step) === undefined) steps.set(to, [step])
  }
  return { byStart: steps, followed: new Set(), lost: new Map() }
}

/** Notes on steps that lead to what resizes, and could not be followed to any of it. */
export const noteLost = ({ followed, lost }: Steps): readonly string[] =>
  [...lost].flatMap(([step, name]) =>
    followed.has(step)
      ? []
      : [
          `${step.location.name}: how its URLs ${step.from}… become those of ${name} could not be followed: they are not answered.`,
        ],
  )

/** The folders that a path lies in, with "/" at their ends. */
const listFolders = (path: string): readonly string[] =>
  Array.from(path.slice(1, -1).matchAll(/\//g), ({ index }) => path.slice(0, index + 2))

/** Locations such as `@resize`, by their server and name. */
type Named = ReadonlyMap<NginxLocation['around'][number] | undefined, ReadonlyMap<string, NginxLocation>>

const indexNamed = (locations: readonly NginxLocation[]): Named => {
  const servers = new Map<NginxLocation['around'][number] | undefined, Map<string, NginxLocation>>()
  for (const location of locations) {
    const [name = ''] = location.args
    const server = serverOf(location)
    if (name.startsWith('@')) servers.set(server, (servers.get(server) ?? new Map()).set(name, location))
  }
  return servers
}

/** What a location says of where requests go, also in the `@name` that its `try_files` or `error_page` ends with. */
const listPassing = (location: NginxLocation, named: Named): readonly Directive[] => {
  const last = location.own.findLast(({ name }) => name === 'try_files' || name === 'error_page')
  const next = named.get(serverOf(location))?.get(last?.args.at(-1) ?? '')
  return [...location.own, ...(next?.own ?? [])]
}

/**
 * The locations in front of one whose own URLs begin with `prefix`, one for each prefix that visitors use. If it is
 * unknown where a location passes requests, it counts if it checks signatures: they must be for something.
 */
export const findFronts = (
  back: NginxLocation,
  form: UrlForm,
  { steps, upstreams }: { readonly steps: Steps; readonly upstreams: Upstreams },
): readonly NginxFront[] => {
  const leadsTo = ({ host, location }: Step): boolean =>
    host === undefined
      ? serverOf(location) === serverOf(back)
      : (reaches(host, back, upstreams) ?? isGuarded(location))
  const { prefix } = form
  const { byStart, followed, lost } = steps
  const lose = (step: Step, { name }: NginxLocation): void => {
    if (!lost.has(step)) lost.set(step, name)
  }
  const beginnings = Array.from({ length: prefix.length + 1 }, (_, length) => prefix.slice(0, length))
  const found = beginnings.flatMap((to) =>
    (byStart.get(to) ?? []).flatMap((step) => {
      const { location, from, within, turned } = step
      const isDeeper = step.to !== to
      // There may be thousands of either: most are left out at a glance.
      if (isDeeper && (to !== prefix || from === step.to || lost.has(step))) return []
      if (location === back || !leadsTo(step)) return []
      const asked = turned && to === prefix ? turnForm(turned, form) : undefined
      if (isDeeper || (turned && !asked)) {
        if (to === prefix) lose(step, back)
        return []
      }
      const front = { location, prefix: from + prefix.slice(to.length), ...(asked && { form: asked }) }
      if (!front.prefix.startsWith(within)) return []
      followed.add(step)
      return [{ ...front, within }]
    }),
  )
  // The location with the longest prefix answers; but one that checks signatures is taken before others.
  const nearest = [...found].sort(
    (a, b) =>
      Number(isGuarded(b.location)) - Number(isGuarded(a.location)) || b.within.length - a.within.length,
  )
  const isLike = (one: NginxFront, other: NginxFront) =>
    one.prefix === other.prefix && one.form === other.form
  const fronts = nearest.filter((front) => nearest.find((other) => isLike(front, other)) === front)
  // One more step in the same server is not followed.
  for (const { location, prefix: asked } of fronts)
    for (const step of byStart.get(asked) ?? [])
      if (step.host === undefined && serverOf(step.location) === serverOf(location)) lose(step, location)
  return fronts
}

const serverOf = ({ around }: NginxLocation) => around.find(({ kind }) => kind === 'server')

const ANY_URL: UrlForm = { kind: 'plain', prefix: '/' }

const readSteps = (
  location: NginxLocation,
  own: readonly Directive[],
  tryPattern: TryPattern,
): readonly Step[] => {
  const { args } = location
  // A location that checks signatures may be in front, whatever URLs are its own.
  const isUnknown = isGuarded(location) && args[0] !== '='
  const form = readUrlForm(args, tryPattern) ?? (isUnknown ? ANY_URL : undefined)
  if (form === undefined || own.some(({ name }) => name === 'image_filter')) return []
  const within = form.prefix
  const isRewrite = ({ name }: Directive): boolean => name === 'rewrite'
  const rewrites = own.filter(isRewrite)
  const conditional = own.flatMap(({ name, block = [] }) => (name === 'if' ? block.filter(isRewrite) : []))
  const [proxied = ''] = own.findLast(({ name }) => name === 'proxy_pass')?.args ?? []
  const [, host = '', path] = /^https?:\/\/([^/$]+|\$\w+)(\/.*|\$(?:request_)?uri)?$/s.exec(proxied) ?? []
  const rewritten = [...rewrites, ...conditional].flatMap((rewrite) => {
    const step = readRewrite(rewrite.args, { within, host }, tryPattern)
    return step === undefined ? [] : [{ location, ...step }]
  })
  // What `try_files` ends with is looked for in the same server.
  const last = own.findLast(({ name }) => name === 'try_files')?.args.at(-1) ?? ''
  const tried = last.startsWith('/') ? readMade(last, form) : undefined
  if (tried !== undefined) rewritten.push({ location, within, from: within, ...tried })
  // After a rewrite, the URI of proxy_pass is ignored.
  if (rewrites.length > 0 || host === '') return rewritten
  const made = path === undefined || path.startsWith('$') ? { to: within } : readMade(path, form)
  return made === undefined ? rewritten : [...rewritten, { location, within, from: within, ...made, host }]
}

/** What the URLs that `text` makes begin with, and how it turns those of a form. */
const readMade = (text: string, form: UrlForm): Pick<Step, 'to' | 'turned'> | undefined => {
  const to = readTemplate(text, form)
  if (to !== undefined) return { to }
  const [, head, rest = ''] = /^(\/[^$?]*)([$?].*)?$/s.exec(text) ?? []
  return form.kind === 'plain' || head === undefined ? undefined : { to: head, turned: { form, rest } }
}

/** `rewrite ^/t/(.*)$ /resize/$1 break`. With `last`, or without a flag, the same server looks for a location again. */
const readRewrite = (
  [pattern = '', replacement = '', flag = 'last']: readonly string[],
  { within, host }: Pick<Step, 'within'> & { readonly host: string },
  tryPattern: TryPattern,
): Omit<Step, 'location'> | undefined => {
  const form = readUrlForm(['~', pattern], tryPattern)
  if (form?.kind !== 'pattern') return undefined
  const made = readMade(replacement, form)
  if (made === undefined) return undefined
  const step = { within, from: form.prefix, ...made }
  if (flag === 'last') return step
  return flag === 'break' && host !== '' ? { ...step, host } : undefined
}

/** The text before the parts of a URL, where `text` puts them together again. */
const readTemplate = (text: string, form: UrlForm): string | undefined => {
  const plain = text.replace(/\$is_args\$args$|\?\$args$/, '')
  if (form.kind === 'plain') return plain.includes('$') ? undefined : plain
  const [, to] = new RegExp(`^(/[^$?]*)${shapeOf(form)}$`).exec(plain) ?? []
  return to
}

/** The form of the URLs that a rewrite turns into those of a form behind it; undefined where a part of one is no part of the other. */
const turnForm = ({ form, rest }: NonNullable<Step['turned']>, back: UrlForm): UrlForm | undefined => {
  if (back.kind === 'plain') return undefined
  const groups = new Map<string | Group, Group>()
  let left = rest
  for (const piece of back.pieces) {
    const found =
      typeof piece === 'string'
        ? piece
        : form.pieces.find(
            (each) =>
              typeof each !== 'string' &&
              new RegExp(`^${variableOf(each)}(?:(?<=\\$\\d)|(?!\\w))`).test(left),
          )
    if (found === undefined || groups.has(found)) return undefined
    if (typeof piece !== 'string') groups.set(found, piece)
    else if (!left.startsWith(piece)) return undefined
    left = typeof piece === 'string' ? left.slice(piece.length) : left.replace(/^\$(?:\d|\{?\w+\}?)/, '')
  }
  const isWhole = form.pieces.every((each) => typeof each === 'string' || groups.has(each))
  if (left !== '' || !isWhole) return undefined
  const pieces = form.pieces.map((each) => groups.get(each) ?? each)
  return {
    ...back,
    prefix: form.prefix,
    pieces,
    ending: pieces.at(-1) === back.ending ? back.ending : undefined,
  }
}

const shapeOf = ({ pieces }: PatternForm): string =>
  pieces
    .map((piece) =>
      typeof piece === 'string' ? piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : variableOf(piece),
    )
    .join('')
