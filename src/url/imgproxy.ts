import { createHash, createHmac } from 'node:crypto'
import { type Format, originalFormatOf, type RasterFormat } from '../core/format.ts'
import { decodePercent } from '../core/percent.ts'
import type { SourceKey } from '../core/source-key.ts'
import { negotiateFormat } from './accept.ts'
import { type Dialect, type ForeignReading, type ForeignRequest, refusal } from './dialect.ts'
import { readFormat } from './imgproxy-arguments.ts'
import type { ImgproxyOptions } from './imgproxy-options.ts'
import { applyOption, applyPresets, defaultOptions, type Presets } from './imgproxy-presets.ts'
import { type ImgproxySetting, toTransform } from './imgproxy-transform.ts'
import { isOneOf } from './same-signature.ts'
import { findSource, type SourceRoot } from './source-roots.ts'

/** The settings of an imgproxy. */
export interface ImgproxyDialect extends ImgproxySetting {
  readonly prefix: string
  /** A signature may be valid under any of them. If there is none, anything is accepted as a signature. */
  readonly keys: readonly ImgproxyKey[]
  /** Whether `unsafe` and `insecure` are accepted beside signatures. */
  readonly isUnsigned: boolean
  /** Bytes of a signature, 1..32. */
  readonly signatureSize: number
  /** The one called `default` is applied first. */
  readonly presets: Presets
  readonly onlyPresets: boolean
  /** Put before every source URL. */
  readonly baseUrl: string
  /** Chosen from by `Accept` where a URL names no format; empty: the original's format. */
  readonly autoFormat: readonly RasterFormat[]
  readonly roots: readonly SourceRoot[]
  /** What the names of aliases begin with, as in imgproxy-cache. Undefined: there are no aliases. */
  readonly cacheFolder?: string | undefined
}

/**
 * `{prefix}{signature}/{option}/…/plain/{source url}[@{ext}]` and `…/{base64url source url}[.{ext}]`. A signature
 * that is not valid is answered 403, everything else that is wrong 404.
 */
export const createImgproxyDialect = (options: ImgproxyDialect): Dialect => ({
  prefix: options.prefix,
  read: (request) => {
    if (!request.rawPath.startsWith(options.prefix)) return undefined
    const path = request.rawPath.slice(options.prefix.length)
    const slash = path.indexOf('/')
    if (slash < 1) return refusal('url-invalid')
    const rest = repair(path.slice(slash))
    const signature = path.slice(0, slash)
    if (!isSigned(signature, rest, options)) return refusal('signature-wrong')
    return readSigned({ signature, rest }, request, options)
  },
})

/** A URL after its prefix; `rest`: what was signed, from its "/" on. */
interface SignedPath {
  readonly signature: string
  readonly rest: string
}

/**
 * The name by which imgproxy-cache stored a result: the path as the page has written it, with its escapes. Where a
 * proxy on the way has changed the spelling, the original spelling is used, so that one signature never has two names.
 * URLs that expire, or whose result depends on the visitor, get no alias: it would stay, and be shown to all.
 */
const nameAlias = (
  { signature, rest }: SignedPath,
  { isLasting }: { readonly isLasting: boolean },
  { prefix, cacheFolder }: ImgproxyDialect,
): string | undefined =>
  cacheFolder === undefined || !isLasting
    ? undefined
    : cacheFolder + createHash('md5').update(`${prefix}${signature}${rest}`).digest('hex')

/** Browsers and proxies escape the colons of options, and merge the slashes of a source. Both are undone. */
const repair = (path: string): string => {
  const at = path.indexOf('/plain/')
  const options = (at === -1 ? path : path.slice(0, at)).replace(/%3a/gi, ':')
  const source = at === -1 ? '' : path.slice(at)
  return (
    options +
    source.replace(/^\/plain\/([a-z0-9]+):\/(?!\/)/, (_, scheme: string) =>
      scheme === 'local' ? '/plain/local:///' : `/plain/${scheme}://`,
    )
  )
}

const isSigned = (signature: string, path: string, options: ImgproxyDialect): boolean => {
  const { keys, signatureSize: size, isUnsigned } = options
  if (isUnsigned && (keys.length === 0 || signature === 'unsafe' || signature === 'insecure')) return true
  return isOneOf(
    signature,
    keys.map((key) => signImgproxyPath(path, key, size)),
  )
}

const readSigned = (path: SignedPath, request: ForeignRequest, dialect: ImgproxyDialect): ForeignReading => {
  const segments = path.rest.slice(1).split('/')
  const read = dialect.onlyPresets ? readPresets(segments, dialect) : readOptions(segments, dialect)
  const named = read && readSourceUrl(read.rest)
  if (read === undefined || named === undefined) return refusal('url-invalid')
  const { options } = read
  const expires = options.expires === 0 ? undefined : options.expires
  if (expires !== undefined && expires < request.now) return refusal('url-expired')
  const source = findSource(withBase(named.url, dialect), dialect.roots)
  if (source === undefined) return refusal('source-missing', expires)
  const { format, isNegotiated } = chooseFormat(named.format ?? options.format, source, request, dialect)
  const transform = toTransform(options, format, dialect)
  if (transform === undefined) return refusal('url-invalid', expires)
  const alias = nameAlias(path, { isLasting: expires === undefined && !isNegotiated }, dialect)
  return {
    kind: 'variant',
    source,
    transform,
    format,
    isNegotiated,
    ...(alias !== undefined && { alias }),
    ...(expires !== undefined && { expires }),
  }
}

/** A URL that begins with it already is kept. */
const withBase = (url: string, { baseUrl }: ImgproxyDialect): string =>
  url.startsWith(baseUrl) ? url : baseUrl + url

interface Read {
  readonly options: ImgproxyOptions
  /** The segments of the source's URL. */
  readonly rest: readonly string[]
}

const readOptions = (segments: readonly string[], { presets }: ImgproxyDialect): Read | undefined => {
  let options = defaultOptions(presets)
  const end = segments.findIndex((segment) => !segment.includes(':'))
  if (end === -1) return undefined
  for (const option of segments.slice(0, end)) options = options && applyOption(option, options, presets)
  return options && { options, rest: segments.slice(end) }
}

const readPresets = (
  [names = '', ...rest]: readonly string[],
  { presets }: ImgproxyDialect,
): Read | undefined => {
  const before = defaultOptions(presets)
  const options = before && applyPresets(names.split(':'), before, presets)
  return options && { options, rest }
}

interface NamedSource {
  readonly url: string
  readonly format?: Format
}

const readSourceUrl = (segments: readonly string[]): NamedSource | undefined => {
  const isPlain = segments[0] === 'plain'
  const text = isPlain ? segments.slice(1).join('/') : segments.join('')
  const [encoded = '', ending = '', ...more] = text.split(isPlain ? '@' : '.')
  const url = isPlain ? decodePercent(encoded) : decodeBase64(encoded)
  const format = ending === '' ? undefined : readFormat(ending)
  if (url === undefined || url === '' || more.length > 0 || (ending !== '' && format === undefined))
    return undefined
  return { url, ...(format !== undefined && { format }) }
}

const decodeBase64 = (text: string): string | undefined => {
  const [, unpadded] = /^([A-Za-z0-9_-]+)=*$/.exec(text) ?? []
  if (unpadded === undefined || unpadded.length % 4 === 1) return undefined
  const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoded.decode(Buffer.from(unpadded, 'base64url'))
  } catch {
    return undefined // bytes that are not UTF-8
  }
}

const chooseFormat = (
  named: Format | undefined,
  source: SourceKey,
  { accept }: ForeignRequest,
  { autoFormat }: ImgproxyDialect,
): { readonly format: Format; readonly isNegotiated: boolean } => {
  if (named !== undefined) return { format: named, isNegotiated: false }
  if (autoFormat.length === 0) return { format: originalFormatOf(source), isNegotiated: false }
  return { format: negotiateFormat(accept, [...autoFormat, 'original'], source), isNegotiated: true }
}

/** A key and its salt, as bytes. */
interface ImgproxyKey {
  readonly key: Uint8Array
  readonly salt: Uint8Array
}

/** The unpadded base64url of the first `size` bytes of HMAC-SHA256(key, salt path); `path` begins with "/". */
export const signImgproxyPath = (path: string, { key, salt }: ImgproxyKey, size: number): string =>
  createHmac('sha256', key).update(salt).update(path).digest().subarray(0, size).toString('base64url')
