import { reaches, type Upstreams } from './nginx-addresses.ts'
import type { NginxLocation } from './nginx-blocks.ts'
import { readUrlForm, type UrlForm, variableOf } from './nginx-pattern.ts'
import { isGuarded } from './nginx-signing.ts'
import type { TryPattern } from './try-pattern.ts'

/** A location that visitors' requests pass on their way to one that resizes. */
export interface NginxFront {
  readonly location: NginxLocation
  /** What the URLs that visitors ask for begin with. */
  readonly prefix: string
}

/** How a location rewrites its URLs before it passes them on: `from` at the front is replaced by `to`. */
interface Step {
  readonly location: NginxLocation
  /** What its URLs begin with. */
  readonly within: string
  readonly from: string
  readonly to: string
  /** Undefined where the same server looks for another location. */
  readonly host?: string
}

/** Steps by the beginning of the URLs that they make. */
export type Steps = ReadonlyMap<string, readonly Step[]>

/** Reads the step of each location, if it has one. */
export const indexSteps = (locations: readonly NginxLocation[], tryPattern: TryPattern): Steps => {
  const steps = new Map<string, Step[]>()
  for (const location of locations) {
    const step = readStep(location, tryPattern)
    if (step === undefined) continue
    const others = steps.get(step.to)
    if (others === undefined) steps.set(step.to, [step])
    else others.push(step)
  }
  return steps
}

/**
 * The locations in front of one whose own URLs begin with `prefix`, one for each prefix that visitors use. If it is
 * unknown where a location passes requests, it counts if it checks signatures: they must be for something.
 */
export const findFronts = (
  back: NginxLocation,
  prefix: string,
  { steps, upstreams }: { readonly steps: Steps; readonly upstreams: Upstreams },
): readonly NginxFront[] => {
  const leadsTo = ({ host, location }: Step): boolean =>
    host === undefined
      ? serverOf(location) === serverOf(back)
      : (reaches(host, back, upstreams) ?? isGuarded(location))
  const beginnings = Array.from({ length: prefix.length + 1 }, (_, length) => prefix.slice(0, length))
  const found = beginnings.flatMap((to) =>
    (steps.get(to) ?? []).flatMap((step) => {
      const { location, from, within } = step
      if (location === back || !leadsTo(step)) return []
      const front = { location, prefix: from + prefix.slice(to.length) }
      return front.prefix.startsWith(within) ? [{ ...front, within }] : []
    }),
  )
  // The location with the longest prefix answers; but one that checks signatures is taken before others.
  const nearest = [...found].sort(
    (a, b) =>
      Number(isGuarded(b.location)) - Number(isGuarded(a.location)) || b.within.length - a.within.length,
  )
  return nearest.filter((front) => nearest.find((other) => other.prefix === front.prefix) === front)
}

const serverOf = ({ around }: NginxLocation) => around.find(({ kind }) => kind === 'server')

const ANY_URL: UrlForm = { kind: 'plain', prefix: '/' }

const readStep = (location: NginxLocation, tryPattern: TryPattern): Step | undefined => {
  const { own, args } = location
  // A location that checks signatures may be in front, whatever URLs are its own.
  const isUnknown = isGuarded(location) && args[0] !== '='
  const form = readUrlForm(args, tryPattern) ?? (isUnknown ? ANY_URL : undefined)
  if (form === undefined || own.some(({ name }) => name === 'image_filter')) return undefined
  const within = form.prefix
  const rewrite = own.find(({ name }) => name === 'rewrite')
  const [proxied = ''] = own.findLast(({ name }) => name === 'proxy_pass')?.args ?? []
  const [, host = '', path] = /^https?:\/\/([^/$]+|\$\w+)(\/.*|\$(?:request_)?uri)?$/s.exec(proxied) ?? []
  // After a rewrite, the URI of proxy_pass is ignored.
  if (rewrite !== undefined) {
    const step = readRewrite(rewrite.args, { within, host }, tryPattern)
    return step && { location, ...step }
  }
  if (host === '') return undefined
  if (path === undefined || path.startsWith('$')) return { location, within, from: within, to: within, host }
  const to = readTemplate(path, form)
  return to === undefined ? undefined : { location, within, from: within, to, host }
}

/** `rewrite ^/t/(.*)$ /resize/$1 break`. With `last`, or without a flag, the same server looks for a location again. */
const readRewrite = (
  [pattern = '', replacement = '', flag = 'last']: readonly string[],
  { within, host }: Pick<Step, 'within'> & { readonly host: string },
  tryPattern: TryPattern,
): Omit<Step, 'location'> | undefined => {
  const form = readUrlForm(['~', pattern], tryPattern)
  const to = form?.kind === 'pattern' ? readTemplate(replacement, form) : undefined
  if (form === undefined || to === undefined) return undefined
  const step = { within, from: form.prefix, to }
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

const shapeOf = ({ pieces }: Extract<UrlForm, { kind: 'pattern' }>): string =>
  pieces
    .map((piece) =>
      typeof piece === 'string' ? piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : variableOf(piece),
    )
    .join('')
