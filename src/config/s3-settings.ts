import type { S3Settings } from './config.ts'
import type { Faults } from './faults.ts'
import { describeFound } from './found.ts'
import { suggestName } from './suggest.ts'

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
export const readS3Settings = (
  query: string,
  { path, faults }: { readonly path: string; readonly faults: Faults },
): S3Settings | undefined => {
  const texts = new URLSearchParams(query)
  let settings: S3Settings | undefined = {}
  for (const name of new Set(texts.keys())) {
    const value = texts.getAll(name)
    const read = readParameter(name, value)
    if ('allowed' in read) faults.add({ path: `${path}?${name}`, ...read })
    settings = 'allowed' in read || settings === undefined ? undefined : { ...settings, ...read.settings }
  }
  return settings
}

type ReadParameter =
  | { readonly settings: S3Settings }
  | { readonly found: string; readonly allowed: string; readonly suggestion?: string | undefined }

/** An endpoint may contain a user and a key, which are not shown. */
const describeText = (text: string): string =>
  text.includes('@') ? 'a text with "@" (not shown)' : describeFound(text)

/** The value of an unknown parameter is not shown: it may be a key. */
const readParameter = (name: string, texts: readonly string[]): ReadParameter => {
  const known = Object.keys(PARAMETERS)
  const parameter = Object.entries(PARAMETERS).find(([right]) => right === name)?.[1]
  if (parameter === undefined)
    return { found: 'unknown parameter', allowed: known.join(', '), suggestion: suggestName(name, known) }
  const [text = '', ...more] = texts
  const settings = more.length === 0 ? parameter.read(text) : undefined
  return settings === undefined
    ? { found: texts.map(describeText).join(', '), allowed: `${parameter.allowed}, once` }
    : { settings }
}
