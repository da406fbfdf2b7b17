import { decodePercent } from '../core/percent.ts'
import type { NginxLocation } from './nginx-blocks.ts'
import { joinsEnding, sampleHead, type UrlForm } from './nginx-pattern.ts'
import type { TryPattern } from './try-pattern.ts'

/** Where a location reads originals: a folder or URI for `source`; undefined, with a note, where unknown. */
export const readSourcePlace = (
  location: NginxLocation,
  form: UrlForm,
  { notes, tryPattern }: { readonly notes: string[]; readonly tryPattern: TryPattern },
): string | undefined => {
  const note = (text: string): undefined => {
    notes.push(`${location.name}: ${text}`)
    return undefined
  }
  const proxied = ownArgument(location, 'proxy_pass')
  if (proxied !== undefined) return readProxied(proxied, location, { form, note, tryPattern })
  const alias = ownArgument(location, 'alias')
  if (alias !== undefined) return trimPath(alias, form) ?? note(`it is not clear what alias ${alias} means.`)
  const [root] = location.setting('root') ?? []
  if (root === undefined || root.includes('$')) return note('it does not say where its originals are.')
  const path = readPath(location, form, tryPattern)
  if (path === undefined) return note(`it is not clear how its URLs become paths below ${root}.`)
  return `${root.replace(/(?<!\/)\/+$/, '')}${path}`
}

interface Reading {
  readonly form: UrlForm
  readonly note: (text: string) => undefined
  readonly tryPattern: TryPattern
}

const readProxied = (
  text: string,
  location: NginxLocation,
  { form, note, tryPattern }: Reading,
): string | undefined => {
  const [, scheme, host = '', path] = /^(https?:\/\/)([^/$]+)(\/.*)?$/s.exec(text) ?? []
  if (scheme === undefined)
    return note(`what proxy_pass ${text} means is decided at each request, so it is not known here.`)
  const below = path === undefined ? readPath(location, form, tryPattern) : trimPath(path, form)
  if (below === undefined) return note(`it is not clear how its URLs become those of proxy_pass ${text}.`)
  const origin = scheme + (readHost(location, host) ?? host)
  const place = origin + below
  const bucket = toS3Uri(place)
  if (bucket !== undefined) {
    note(
      `${place} is read as ${bucket}, for which AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed, and s3:ListBucket for build; https://… reads a public bucket without, for serve alone.`,
    )
    return bucket
  }
  if (scheme === 'https://') {
    note(`${place} cannot be listed: serve reads it, and build with --sources-from.`)
    return place
  }
  return note(
    `originals are read from folders, s3:// and https:// only, and ${place} is neither: say what is behind it.`,
  )
}

/** The name of an upstream says nothing, but the `Host` header that is set for it does. */
const readHost = ({ own, setting }: NginxLocation, host: string): string | undefined => {
  if (host.includes('.') || host.includes(':')) return undefined
  const header = own.findLast(
    ({ name, args }) => name === 'proxy_set_header' && /^host$/i.test(args[0] ?? ''),
  )
  const [, value] = header?.args ?? setting('proxy_set_header') ?? []
  return value === undefined || value.includes('$') || !value.includes('.') ? undefined : value
}

/** The path that a rewrite, or try_files, puts before the rest of the URL; without either, what nginx would use. */
const readPath = ({ own }: NginxLocation, form: UrlForm, tryPattern: TryPattern): string | undefined => {
  const rewrite = own.findLast(({ name }) => name === 'rewrite')
  if (rewrite !== undefined) return readReplacement(rewrite.args, form, tryPattern)
  const [tried = ''] = own.find(({ name }) => name === 'try_files')?.args ?? []
  if (tried !== '' && tried !== '$uri') return trimPath(tried, form)
  // Without a rewrite it asks for its whole URL, with sizes: that cannot be an original.
  return form.kind === 'plain' ? form.prefix : undefined
}

/** `rewrite ^/t/[^/]+/(.*)$ /originals/$1 break`, with groups of its own. */
const readReplacement = (
  [pattern = '', replacement = '']: readonly string[],
  form: UrlForm,
  tryPattern: TryPattern,
): string | undefined => {
  const [, before, name = ''] = /^(\/[^$?]*)\$\{?(\w+)\}?$/.exec(replacement) ?? []
  const last = lastGroup(pattern)
  if (before === undefined || last?.name !== name) return isPathGroup(name, form) ? before : undefined
  const head = sampleHead(form)
  if (head === undefined || (form.kind === 'pattern' && form.pieces.at(-1) !== form.path)) return undefined
  // Where the group begins earlier than the path of the URL's form, the originals lie in folders that URLs name, too.
  const begins = [...head].map((_, index) => head.slice(0, index + 1))
  const taken = tryPattern(last.before, begins)
  const [begin, ...others] = begins.filter((_, index) => taken[index])
  return begin === undefined || others.length > 0 ? undefined : before + head.slice(begin.length)
}

/** The number of the group that takes everything up to the end, and the pattern before it. */
const lastGroup = (pattern: string): { readonly name: string; readonly before: string } | undefined => {
  const [whole] = /\(\.[*+](?:[^()]|\([^()]*\))*\)\$?$/.exec(pattern) ?? []
  if (whole === undefined) return undefined
  const before = pattern.slice(0, pattern.length - whole.length)
  return { before, name: String(1 + (before.match(/(?<!\\)\((?!\?[:=!])/g)?.length ?? 0)) }
}

/** The part of a path before that of the URL. */
const trimPath = (text: string, form: UrlForm): string | undefined => {
  if (!text.includes('$')) return form.kind === 'plain' ? text : undefined
  const joined = text.replace(/\$is_args\$args$|\?\$args$/, '')
  const path = joinsEnding([joined], form) ? joined.replace(/\.\$[^$]+$/, '') : joined
  const [, before, name] = /^([^$?]*)\$\{?(\w+)\}?$/.exec(path) ?? []
  return before !== undefined && name !== undefined && isPathGroup(name, form) ? before : undefined
}

const isPathGroup = (name: string, form: UrlForm): boolean =>
  form.kind !== 'plain' && form.path.names.includes(name)

const ownArgument = ({ own }: NginxLocation, name: string): string | undefined =>
  own.findLast((directive) => directive.name === name)?.args[0]

const REGION = String.raw`([a-z]{2}(?:-[a-z]+)+-\d)`
const HOSTED = new RegExp(`^(.+)\\.s3(?:[.-](?:dualstack\\.)?${REGION})?\\.amazonaws\\.com$`)
const BY_PATH = new RegExp(`^s3(?:[.-](?:dualstack\\.)?${REGION})?\\.amazonaws\\.com$`)
const WEBSITE = new RegExp(`^(.+)\\.s3-website[.-]${REGION}\\.amazonaws\\.com$`)

/** The `s3://` URI for a URL of AWS; undefined where it is not that of a bucket. */
const toS3Uri = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { hostname, pathname } = new URL(text)
  const path = decodePercent(pathname)
  if (path === undefined) return undefined
  const [, bucket, region] = HOSTED.exec(hostname) ?? WEBSITE.exec(hostname) ?? []
  if (bucket !== undefined) return formatUri(`${bucket}${path}`, region)
  const byPath = BY_PATH.exec(hostname)
  if (byPath === null || path.split('/')[1] === '') return undefined
  return formatUri(path.slice(1), byPath[1])
}

const formatUri = (place: string, region: string | undefined): string =>
  `s3://${place.replace(/\/$/, '')}${region === undefined ? '' : `?region=${region}`}`
