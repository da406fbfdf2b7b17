import { reaches, type Upstreams } from './nginx-addresses.ts'
import type { NginxLocation } from './nginx-locations.ts'
import { readUrlForm, type UrlForm } from './nginx-pattern.ts'
import { isGuarded } from './nginx-signing.ts'

/** A location that visitors' requests go through on their way to one that resizes. */
export interface NginxFront {
  readonly location: NginxLocation
  /** What the URLs that visitors ask for begin with. */
  readonly prefix: string
}

/** What a location makes of its URLs before it passes them on: they began with `from`, and then begin with `to`. */
interface Step {
  /** What its URLs begin with. */
  readonly within: string
  readonly from: string
  readonly to: string
  /** Absent where the same server looks for another location. */
  readonly host?: string
}

/**
 * The locations in front of one whose own URLs begin with `prefix`, one for each beginning that visitors know. One that
 * passes on to who knows where counts if it checks signatures: those were for something.
 */
export const findFronts = (
  back: NginxLocation,
  prefix: string,
  { locations, upstreams }: { readonly locations: readonly NginxLocation[]; readonly upstreams: Upstreams },
): readonly NginxFront[] => {
  const leadsTo = ({ host }: Step, location: NginxLocation): boolean =>
    host === undefined
      ? serverOf(location) === serverOf(back)
      : (reaches(host, back, upstreams) ?? isGuarded(location))
  const found = locations.flatMap((location) => {
    const step = location === back ? undefined : readStep(location)
    if (step === undefined || !prefix.startsWith(step.to) || !leadsTo(step, location)) return []
    const front = { location, prefix: step.from + prefix.slice(step.to.length) }
    return front.prefix.startsWith(step.within) ? [{ ...front, within: step.within }] : []
  })
  // The nearest to its URLs answers; but one that checks signatures, whichever of them nginx would take.
  const nearest = [...found].sort(
    (a, b) =>
      Number(isGuarded(b.location)) - Number(isGuarded(a.location)) || b.within.length - a.within.length,
  )
  return nearest.filter((front) => nearest.find((other) => other.prefix === front.prefix) === front)
}

const serverOf = ({ around }: NginxLocation) => around.find(({ kind }) => kind === 'server')

const readStep = (location: NginxLocation): Step | undefined => {
  const { own, args } = location
  const form = readUrlForm(args)
  if (form === undefined || own.some(({ name }) => name === 'image_filter')) return undefined
  const within = form.prefix
  const rewrite = own.find(({ name }) => name === 'rewrite')
  const [proxied = ''] = own.findLast(({ name }) => name === 'proxy_pass')?.args ?? []
  const [, host = '', path] = /^https?:\/\/([^/$]+|\$\w+)(\/.*|\$(?:request_)?uri)?$/s.exec(proxied) ?? []
  // What is rewritten goes on as it is then, whatever the URI of proxy_pass says.
  if (rewrite !== undefined) return readRewrite(rewrite.args, within, host)
  if (host === '') return undefined
  if (path === undefined || path.startsWith('$')) return { within, from: within, to: within, host }
  const to = readTemplate(path, form)
  return to === undefined ? undefined : { within, from: within, to, host }
}

/** `rewrite ^/t/(.*)$ /resize/$1 break`. With `last`, or no flag at all, the same server looks again. */
const readRewrite = (
  [pattern = '', replacement = '', flag = 'last']: readonly string[],
  within: string,
  host: string,
): Step | undefined => {
  const form = readUrlForm(['~', pattern])
  const to = form && readTemplate(replacement, form)
  if (form === undefined || to === undefined) return undefined
  const step = { within, from: form.prefix, to }
  if (flag === 'last') return step
  return flag === 'break' && host !== '' ? { ...step, host } : undefined
}

/** What stands before the parts of a URL where `text` puts them together again. */
const readTemplate = (text: string, form: UrlForm): string | undefined => {
  const plain = text.replace(/\$is_args\$args$|\?\$args$/, '')
  if (form.kind === 'plain') return plain.includes('$') ? undefined : plain
  const [, to] = new RegExp(`^(/[^$?]*)${shapeOf(form)}$`).exec(plain) ?? []
  return to
}

const shapeOf = (form: Exclude<UrlForm, { kind: 'plain' }>): string => {
  const group = (names: readonly string[]): string => `\\$(?:${names.join('|')}|\\{(?:${names.join('|')})\\})`
  switch (form.kind) {
    case 'path':
      return group(form.path)
    case 'sized':
      return `${group(form.width)}x${group(form.height)}/${group(form.path)}`
    case 'turned':
      return `${group(form.angle)}/${group(form.path)}`
  }
}
