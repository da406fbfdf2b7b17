import { resolve } from 'node:path'
import { isObject } from '../core/json.ts'
import { MAX_KEY_BYTES, SOURCE_NAME, whyNotSourceKey } from '../core/source-key.ts'
import { unreachable } from '../core/unreachable.ts'
import {
  describePlace,
  type FilePlace,
  type Place,
  type S3Settings,
  type SourceConfig,
  type WritablePlace,
} from './config.ts'
import { describeFound, type Faults, joinPath, quote, readObject } from './faults.ts'
import { placeSchema } from './schema.ts'
import { suggestName } from './suggest.ts'

/** Where a place is read, what relative folders are relative to, and where faults are collected. */
export interface PlaceContext {
  /** Absolute. */
  readonly root: string
  readonly path: string
  readonly faults: Faults
}

const ANYWHERE = 'a folder, s3://bucket/prefix or https://host/path/'
const WRITABLE = 'a folder or s3://bucket/prefix'

/** `source` of a configuration: one place, or several by name. A wrong source is a fault, and left out. */
export const readSources = (input: unknown, context: PlaceContext): readonly SourceConfig[] => {
  if (!isObject(input) || 'uri' in input) return toSource(readSource(input, context))
  const names = Object.keys(input)
  if (names.length === 0) context.faults.add(context.path, 'no source', `${ANYWHERE}, or several by name`)
  return names.flatMap((name) => {
    const path = joinPath(context.path, name)
    if (!SOURCE_NAME.test(name))
      context.faults.add(
        path,
        `the name ${quote(name)}`,
        'names of 1..32 characters a-z, 0-9, "-", not "-" first',
      )
    return toSource(readSource(input[name], { ...context, path }), name)
  })
}

/** `output` or `state` of a configuration. */
export const readWritablePlace = (input: unknown, context: PlaceContext): WritablePlace | undefined => {
  if (typeof input !== 'string') return refuse(input, WRITABLE, context)
  const place = readPlace(input, context, WRITABLE)
  return place?.kind === 'https' ? refuse(input, WRITABLE, context) : place
}

const FILE = 'a JSON file or s3://bucket/path/pictures.json'

/** `overrides` of a configuration: one file. */
export const readFilePlace = (input: unknown, context: PlaceContext): FilePlace | undefined => {
  if (typeof input !== 'string') return refuse(input, FILE, context)
  const place = readPlace(input, context, FILE)
  switch (place?.kind) {
    case 'folder':
      return { kind: 'file', path: place.path }
    case 's3': {
      const [, prefix = '', name = ''] = /^(.*\/)?([^/]*)\/$/s.exec(place.prefix) ?? []
      if (name !== '') return { kind: 'object', folder: { ...place, prefix }, name }
      return refuse(input, FILE, context)
    }
    case 'https':
      return refuse(input, FILE, context)
    case undefined:
      return undefined
    default:
      return unreachable(place)
  }
}

/** The place that `text` names; undefined, and faults collected, where it is wrong. */
export const readPlace = (
  text: string,
  context: PlaceContext,
  allowed: string = ANYWHERE,
): Place | undefined => {
  if (text.trim() === '' || text.includes('\0')) return refuse(text, allowed, context)
  const scheme = schemeOf(text)
  if (scheme === undefined) return { kind: 'folder', path: resolve(context.root, text) }
  if (holdsCredentials(text))
    return addFault(context, 'credentials in a URI (not shown)', CREDENTIALS_BELONG[scheme] ?? allowed)
  if (scheme === 's3' && text.startsWith('s3://')) return readS3(text, context)
  if (scheme === 'https' && text.startsWith('https://')) return readHttps(text, context)
  return refuse(text, allowed, context)
}

/** `text` with the same meaning in any folder: relative folders become absolute, URIs stay. */
export const anchorPlace = (text: string, cwd: string): string =>
  text.trim() === '' || schemeOf(text) !== undefined ? text : resolve(cwd, text)

const toSource = (place: Place | undefined, name?: string): readonly SourceConfig[] =>
  place === undefined ? [] : [name === undefined ? { place } : { name, place }]

const readSource = (input: unknown, context: PlaceContext): Place | undefined => {
  if (typeof input === 'string') return readOrigin(input, context)
  if (!isObject(input)) return refuse(input, `${ANYWHERE}, or an object with uri`, context)
  const { headers: headersInput, ...plain } = input
  const settings = readObject(placeSchema, plain, context)
  const secret = headersInput === undefined ? {} : { headers: headersInput }
  const headers = readObject(placeSchema.pick({ headers: true }), secret, {
    ...context,
    isHidden: true,
  })?.headers
  if (settings === undefined) return undefined
  const { uri, allowPrivate } = settings
  const uriContext = { ...context, path: joinPath(context.path, 'uri') }
  const place = readOrigin(uri, uriContext)
  if (place === undefined) return undefined
  if (place.kind === 'https') return { ...place, allowPrivate, headers: headers ?? {} }
  for (const name of ['allowPrivate', 'headers'])
    if (input[name] !== undefined)
      context.faults.add(
        joinPath(context.path, name),
        `set for a ${describePlace(place).noun}`,
        'only for https://host/path/',
      )
  return place
}

/** A whole disk of Unix has folders without end, such as /proc. */
const readOrigin = (text: string, context: PlaceContext): Place | undefined => {
  const place = readPlace(text, context)
  return place?.kind === 'folder' && place.path === '/'
    ? refuse(text, 'a folder of pictures, not the whole disk', context)
    : place
}

/** The scheme of a URI in lower case; a single letter is a drive of Windows, not a scheme. */
export const schemeOf = (text: string): string | undefined =>
  /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase()

const CREDENTIALS_BELONG: Readonly<Record<string, string>> = {
  s3: "the SDK's own environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
  https: "headers of { uri, headers: { authorization: '…' } }",
}

/**
 * Whether a URI seems to contain a user or key. Without a parser: secret keys of S3 contain "/", so a parser would take
 * them for a path. A path may contain "@" and ":", if no "@" stands before it and ":" is followed by a port.
 */
export const holdsCredentials = (text: string): boolean => {
  const rest = text.slice(text.indexOf(':') + 1).replace(/^\/*/, '')
  const authority = rest.split(/[/?#]/, 1)[0] ?? ''
  const afterHost = authority.replace(/^(?:\[[0-9a-f:.]*\]|[^:@]*)/i, '')
  const isPlainPort = /^(?::[0-9]{0,5})?$/.test(afterHost)
  return (!isPlainPort && rest.includes('@')) || CREDENTIAL_PARAMETER.test(text)
}

const CREDENTIAL_PARAMETER =
  /[?&](?:[^=&#]*(?:access-?_?key|secret|token|password|credential|signature)[^=&#]*|user|pass)(?:=|&|#|$)/i

const readS3 = (text: string, context: PlaceContext): WritablePlace | undefined => {
  const [, bucket = '', path = '', query = ''] = /^s3:\/\/([^/?]*)\/?([^?]*)\??(.*)$/s.exec(text) ?? []
  // "undefined" is what a template makes of a variable that is not set.
  if (!/^(?!undefined$)[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(bucket))
    return addFault(
      context,
      bucket.includes(':') ? 'a bucket with ":" (not shown)' : `the bucket ${quote(bucket)}`,
      's3://bucket/prefix, the bucket 3..63 letters, digits, "-", "." or "_"',
    )
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`
  const why = whyNotPrefix(prefix)
  if (why !== undefined)
    return addFault(
      context,
      `the prefix ${quote(prefix)}, which ${why}`,
      'a prefix that keys can have, not escaped',
    )
  const settings = readS3Settings(query, context)
  return settings === undefined ? undefined : { kind: 's3', bucket, prefix, settings }
}

/**
 * The rules of source keys, but `.imgsizes` is allowed: the ledger may be there. The first segments are checked too.
 */
const whyNotPrefix = (prefix: string): string | undefined => {
  if (prefix === '') return undefined
  return whyNotSourceKey(`p/${prefix}k`) ?? (prefix.length >= MAX_KEY_BYTES ? 'is too long' : undefined)
}

const readHttps = (text: string, context: PlaceContext): Place | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return refuse(text, 'https://host/path/', context)
  if (text.includes('?') || text.includes('#'))
    return addFault(context, 'a query or fragment (not shown)', 'https://host/path/ without one')
  const href = url.href.endsWith('/') ? url.href : `${url.href}/`
  return { kind: 'https', url: href, allowPrivate: false, headers: {} }
}

const refuse = (input: unknown, allowed: string, context: PlaceContext): undefined =>
  addFault(context, describeFound(typeof input === 'string' ? hideQuery(input) : input), allowed)

const hideQuery = (text: string): string =>
  schemeOf(text) === undefined ? text : text.replace(/\?.*$/s, '?…')

const addFault = ({ path, faults }: PlaceContext, found: string, allowed: string): undefined =>
  faults.add(path, found, allowed)

/** The values of one parameter, and how its text becomes a setting; undefined for a wrong text. */
interface Parameter {
  readonly allowed: string
  readonly read: (text: string) => S3Settings | undefined
}

/** A text that is taken as it is where it matches. */
const textLike = (name: keyof S3Settings, allowed: string, pattern: RegExp): Parameter => ({
  allowed,
  read: (text) => (pattern.test(text) ? { [name]: text } : undefined),
})

const PARAMETERS: Readonly<Record<keyof S3Settings, Parameter>> = {
  endpoint: {
    allowed: 'http://host:port or https://host without query and credentials',
    read: (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined
      if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined
      if (`${url.username}${url.password}${url.search}${url.hash}` !== '') return undefined
      return { endpoint: url.href.replace(/\/+$/, '') }
    },
  },
  region: textLike('region', 'letters, digits and "-"', /^[a-z0-9-]+$/i),
  forcePathStyle: {
    allowed: 'true or false',
    read: (text) => (/^(true|false)$/.test(text) ? { forcePathStyle: text === 'true' } : undefined),
  },
  acl: textLike('acl', 'a canned ACL such as public-read', /^[a-z-]+$/),
  storageClass: textLike('storageClass', 'a storage class such as STANDARD_IA', /^[A-Z0-9_]+$/),
  checksums: textLike('checksums', 'required or supported', /^(required|supported)$/),
  sse: textLike('sse', 'AES256, aws:kms or aws:kms:dsse', /^(AES256|aws:kms(:dsse)?)$/),
  sseKmsKeyId: textLike('sseKmsKeyId', 'the id, alias or ARN of a KMS key, with sse=aws:kms', /^[\w:/-]+$/),
  requestPayer: textLike('requestPayer', 'requester', /^requester$/),
}

/**
 * The query of an `s3://` URI, without its "?"; undefined, with a fault for each wrong parameter, where one is wrong.
 */
const readS3Settings = (query: string, context: PlaceContext): S3Settings | undefined => {
  const texts = new URLSearchParams(query)
  const read = [...new Set(texts.keys())].map((name) => readParameter(name, texts.getAll(name), context))
  return read.includes(undefined) ? undefined : Object.assign({}, ...read)
}

/** An endpoint may contain a user and a key, which are not shown. */
const describeText = (text: string): string =>
  text.includes('@') ? 'a text with "@" (not shown)' : describeFound(text)

/** The value of an unknown parameter is not shown: it may be a key. */
const readParameter = (
  name: string,
  texts: readonly string[],
  { path, faults }: PlaceContext,
): S3Settings | undefined => {
  const known = Object.keys(PARAMETERS)
  const parameter = Object.entries(PARAMETERS).find(([right]) => right === name)?.[1]
  if (parameter === undefined)
    return faults.add(`${path}?${name}`, 'unknown parameter', known.join(', '), suggestName(name, known))
  const [text = '', ...more] = texts
  const settings = more.length === 0 ? parameter.read(text) : undefined
  return (
    settings ??
    faults.add(`${path}?${name}`, texts.map(describeText).join(', '), `${parameter.allowed}, once`)
  )
}
