import { stripVTControlCharacters } from 'node:util'
import { isObject, parseJson } from '../../core/json.ts'

/** A request, as a log tells it. */
export interface LogRequest {
  /** "" where the log does not say. */
  readonly method: string
  /** Path and query as they arrived, or an absolute URL. */
  readonly target: string
  /** The bucket, for a log of S3's own. */
  readonly bucket?: string | undefined
}

/**
 * Reads the lines of a log one after the other, in any of these formats:
 *
 * - the first quoted request line: Common and Combined Log Format (nginx, Apache), S3 server access logs, ALB, Varnish;
 * - JSON objects with a method and a URL in one of the fields below: Caddy, nginx, pino, Traefik, Google Cloud, Azure,
 *   AWS WAF, Cloudflare, `serve --json`; or with such a line in `log`, `message` or `msg` (Docker, journals);
 * - W3C Extended Log File Format, whose `#Fields:` say what follows: CloudFront standard logs (tabs), IIS (spaces);
 * - `method=… path=…`: logfmt, `serve`; `Started <path> … method=…`: imgproxy, also in JSON;
 * - Bunny's columns between "|", and Squid's own.
 *
 * The reader returns undefined where a line tells of no request. Use one reader for each file: `#Fields:` apply to its
 * end, although a pipe may contain lines of other formats after them.
 */
export const createLineReader = (): ((line: string) => LogRequest | undefined) => {
  let fields: W3cFields | undefined
  return (written) => {
    // imgproxy writes colours into files too.
    const line = written.includes('\x1b[') ? stripVTControlCharacters(written) : written
    if (line.startsWith('#')) {
      fields = readFields(line) ?? fields
      return undefined
    }
    const columns = fields && readColumns(line, fields)
    return columns ?? readJson(line) ?? readQuoted(line) ?? readPairs(line) ?? readOther(line)
  }
}

interface W3cFields {
  readonly method: number
  readonly stem: number
  readonly query: number
}

const readFields = (line: string): W3cFields | undefined => {
  if (!line.startsWith('#Fields:')) return undefined
  const names = line.slice('#Fields:'.length).trim().split(/\s+/)
  return {
    method: names.indexOf('cs-method'),
    stem: names.indexOf('cs-uri-stem'),
    query: names.indexOf('cs-uri-query'),
  }
}

/** CloudFront's rows have tabs, although its `#Fields:` have spaces. "-" means nothing. */
const readColumns = (line: string, { method, stem, query }: W3cFields): LogRequest | undefined => {
  const columns = line.split(line.includes('\t') ? '\t' : ' ')
  const path = columns[stem]
  const verb = columns[method] ?? ''
  const rest = columns[query] ?? '-'
  if (path === undefined || !path.startsWith('/') || !/^[A-Z]*$/.test(verb)) return undefined
  return { method: verb, target: rest === '-' ? path : `${path}?${rest}` }
}

/** A request line in quotes, where quotes inside are escaped by a backslash. */
const REQUEST = /"([A-Z]{2,16}) ((?:[^"\\\s]|\\.)+) HTTP\/[0-9]/
/** Bucket owner, bucket, time, address, requester, request, operation: the beginning of S3's own lines. */
const S3_HEAD = /^\S+ (\S+) \[[^\]]*\] \S+ \S+ \S+ [A-Z0-9]+\.[A-Z]+\.[A-Z_]+ /

const readQuoted = (line: string): LogRequest | undefined => {
  const [, method, target] = REQUEST.exec(line) ?? []
  if (method === undefined || target === undefined) return undefined
  const bucket = S3_HEAD.exec(line)?.[1]
  return { method, target: unescapeBytes(target), bucket }
}

/** nginx and Apache write a byte that is not printable ASCII as `\xHH`; in a URL that byte is `%HH`. */
const unescapeBytes = (target: string): string =>
  target.includes('\\') ? target.replace(/\\x([0-9A-Fa-f]{2})/g, '%$1').replace(/\\(["\\])/g, '$1') : target

const METHOD_PAIR = /(?:^|\s)method="?([A-Z]{2,16})(?:["\s]|$)/
const TARGET_PAIR = /(?:^|\s)(?:path|uri|url)=(?:"((?:[^"\\]|\\.)+)"|([^\s"]+))/

/** What imgproxy says first of each request. */
const STARTED = /(?:^|[\s"])Started (\/[^\s"]+)/

const readPairs = (line: string): LogRequest | undefined => {
  const [, method] = METHOD_PAIR.exec(line) ?? []
  const [, quoted, plain] = (method !== undefined && TARGET_PAIR.exec(line)) || []
  const target = quoted ?? plain ?? STARTED.exec(line)?.[1]
  return method === undefined || target === undefined || !isTarget(target) ? undefined : { method, target }
}

const BUNNY = /^[A-Z-]+\|[0-9]{3}\|(?:[^|]*\|){5}(https?:\/\/[^|\s]+)\|/
const SQUID = /^[0-9]+\.[0-9]+ +[0-9]+ \S+ [A-Z_]+\/[0-9]+ [0-9]+ ([A-Z]+) (https?:\/\/\S+) /

const readOther = (line: string): LogRequest | undefined => {
  const [, bunny] = BUNNY.exec(line) ?? []
  if (bunny !== undefined) return { method: '', target: bunny }
  const [, method, target] = SQUID.exec(line) ?? []
  return method === undefined || target === undefined ? undefined : { method, target }
}

/** Where JSON logs have the request; "" is the top level. */
const PARTS = ['', 'request', 'req', 'httpRequest', 'http', 'properties'] as const
/** The original form comes before what a server has decoded or normalised. */
const TARGETS = [
  ...['request_uri', 'requestUrl', 'requestUri', 'uri', 'url', 'originalUrl', 'path', 'cs-uri-stem'],
  ...['RequestPath', 'ClientRequestURI', 'ClientRequestPath'],
]
const METHODS = [
  ...['method', 'request_method', 'requestMethod', 'httpMethod', 'verb', 'cs-method'],
  ...['RequestMethod', 'ClientRequestMethod'],
]
const QUERIES = ['query', 'args', 'query_string', 'cs-uri-query']

type Fields = Readonly<Record<string, unknown>>

const readJson = (line: string): LogRequest | undefined => {
  const start = line.indexOf('{')
  // Text before it, such as a time or a service, was added by a collector.
  if (start === -1 || !line.trimEnd().endsWith('}')) return undefined
  const top = parseObject(line.slice(start))
  if (top === undefined) return undefined
  const asked = typeof top.request === 'string' ? readQuoted(`"${top.request}"`) : undefined
  if (asked !== undefined) return asked
  for (const part of PARTS) {
    const fields = part === '' ? top : top[part]
    const found = isObject(fields) ? readRequestFields(fields, top) : undefined
    if (found !== undefined) return found
  }
  for (const text of [top.log, top.message, top.msg]) {
    if (typeof text !== 'string') continue
    const [, started] = STARTED.exec(text) ?? []
    const found = readQuoted(text) ?? readPairs(text)
    if (found !== undefined) return found
    if (started !== undefined) return { method: findText(top, METHODS) ?? '', target: started }
  }
  return undefined
}

const readRequestFields = (fields: Fields, top: Fields): LogRequest | undefined => {
  const target = findText(fields, TARGETS, isTarget)
  if (target === undefined) return undefined
  const method = findText(fields, METHODS) ?? findText(top, METHODS) ?? ''
  const query = findText(fields, QUERIES)?.replace(/^\?/, '')
  const isWhole = query === undefined || query === '-' || target.includes('?')
  return { method: method.toUpperCase(), target: isWhole ? target : `${target}?${query}` }
}

const findText = (
  fields: Fields,
  names: readonly string[],
  isWanted = (text: string): boolean => text !== '',
): string | undefined => {
  for (const name of names) {
    const value = fields[name]
    if (typeof value === 'string' && isWanted(value)) return value
  }
  return undefined
}

const isTarget = (text: string): boolean => text.startsWith('/') || /^https?:\/\//i.test(text)

const parseObject = (text: string): Fields | undefined => {
  const value = parseJson(text) // braces may also be in a line of another format
  return isObject(value) ? value : undefined
}
