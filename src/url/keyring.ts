import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type Format, isFormat, isVectorVariant } from '../core/format.ts'
import { placeAt } from '../core/override.ts'
import { parsePosition } from '../core/position.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { formatTransform, parseTransform, type Transform } from '../core/transform.ts'
import type { Variant } from '../core/variant.ts'

declare const variantKeyBrand: unique symbol

/** The object key of a result, signed: `source "/" transform "." signature "." ext`. */
export type VariantKey = string & { readonly [variantKeyBrand]: true }

/** A signing secret. Under an `isRetired` one, keys are valid for the batch but not for `serve`. */
export interface Secret {
  readonly value: string
  readonly isRetired: boolean
}

/** What a key says, with its signature not checked yet. */
export interface ClaimedKey {
  readonly source: SourceKey
  readonly transform: Transform
  /** The canonical spelling of `transform`, as signed. */
  readonly transformText: string
  readonly signature: string
  /** `auto`: the format is chosen by `Accept`; such a key names no object. */
  readonly ext: Format | 'auto'
}

/** A key of ours: its signature is valid under the secret at `secretIndex`. */
export interface VerifiedKey {
  readonly key: VariantKey
  readonly variant: Variant
  readonly transformText: string
  readonly secretIndex: number
}

/** The only place where keys are signed and signatures checked. */
export interface Keyring {
  readonly secrets: readonly Secret[]
  /** The signature of a transform of a source. It covers both, but not the format. */
  sign(source: SourceKey, transformText: string, secretIndex?: number): string
  /** The key of a variant under the first secret, or the one at `secretIndex`. */
  keyOf(variant: Variant, secretIndex?: number): VariantKey
  claimOf(variant: Variant, secretIndex?: number): ClaimedKey
  /** Reads the key `text` if it is ours under any secret, retired ones too; otherwise undefined. */
  verify(text: string): VerifiedKey | undefined
  /**
   * The same for a key that was read before, in this format. It takes constant time for each secret, and the same time
   * where only a retired secret fits as where none does.
   */
  verifyClaim(claim: ClaimedKey, format: Format): VerifiedKey | undefined
}

/**
 * Reads a key by the grammar only. Undefined where `text` is no key in its one canonical spelling.
 */
export const claimKey = (text: string): ClaimedKey | undefined =>
  claimBy(text, { readTransform, parseSourceKey })

interface Parsers {
  readonly readTransform: (text: string) => ReadTransform | undefined
  readonly parseSourceKey: (text: string) => SourceKey | undefined
}

const readTransform = (transformText: string): ReadTransform | undefined => {
  const transform = parseTransform(transformText)
  return transform && { transform, transformText }
}

const claimBy = (text: string, parsers: Parsers): ClaimedKey | undefined => {
  const slash = text.lastIndexOf('/')
  const [, transformPart = '', signature = '', ext = ''] = LAST_SEGMENT.exec(text.slice(slash)) ?? []
  if (!(ext === 'auto' || isFormat(ext))) return undefined
  const read = parsers.readTransform(transformPart)
  const source = read && parsers.parseSourceKey(text.slice(0, slash))
  if (read === undefined || source === undefined) return undefined
  const { transform, transformText } = read
  if (ext === 'svg' && !isVectorVariant({ source, transform })) return undefined
  return { source, transform, transformText, signature, ext }
}

/** "/", a transform, the 16 characters of base64url that sign it (96 bits of HMAC-SHA256), and the ending. */
const LAST_SEGMENT = /^\/(.+)\.([A-Za-z0-9_-]{16})\.([a-z0-9]+)$/

/** The text of a key whose signature is known: the inverse of {@link claimKey}. */
export const spellKey = (claim: Omit<ClaimedKey, 'transform'>): string =>
  `${claim.source}/${claim.transformText}.${claim.signature}.${claim.ext}`

/** A key up to its format, with a valid signature. */
type SignedStem = ClaimedKey & Pick<VerifiedKey, 'secretIndex'>

/** A keyring over secrets of at least 16 bytes; the first one signs. Throws where there is none. */
export const createKeyring = (secrets: readonly Secret[]): Keyring => {
  const keys = secrets.map((secret) => createSecretKey(secret.value, 'utf8'))
  if (keys.length === 0) throw new Error('a keyring needs a secret')

  const sign = (source: SourceKey, transformText: string, secretIndex = 0): string => {
    const key = keys[secretIndex]
    if (key === undefined) throw new Error(`no secret ${secretIndex}`)
    return hmac(key, source, transformText)
  }
  const claimOf: Keyring['claimOf'] = ({ source, transform, format }, secretIndex = 0) => {
    const transformText = formatTransform(transform)
    if (format === 'svg' && !isVectorVariant({ source, transform }))
      throw new Error(`no vector of ${source} by ${transformText}`)
    const signature = sign(source, transformText, secretIndex)
    return { source, transform, transformText, signature, ext: format }
  }
  const findSecret = (claim: ClaimedKey): number | undefined => {
    const given = Buffer.from(claim.signature)
    let retired: number | undefined
    for (const [index, key] of keys.entries()) {
      const signed = Buffer.from(hmac(key, claim.source, claim.transformText))
      if (!timingSafeEqual(given, signed)) continue
      if (!secrets[index]?.isRetired) return index
      retired ??= index
    }
    return retired
  }
  // A listing names each source many times in a row.
  const parsers: Parsers = {
    readTransform: createTransformReader(),
    parseSourceKey: remember(parseSourceKey, 1),
  }
  const verifyStem = (text: string): SignedStem | undefined => {
    const claim = claimBy(text, parsers)
    if (claim === undefined) return undefined
    const secretIndex = findSecret(claim)
    return secretIndex === undefined ? undefined : { ...claim, secretIndex }
  }
  // The signature does not cover the format, and a listing has the formats of one transform side by side.
  let last: { readonly stem: string; readonly signed?: SignedStem | undefined } = { stem: '' }
  return {
    secrets,
    sign,
    claimOf,
    keyOf: (variant, secretIndex) => toVariantKey(spellKey(claimOf(variant, secretIndex))),
    verifyClaim: (claim, format) => {
      const secretIndex = findSecret(claim)
      if (secretIndex === undefined) return undefined
      const { source, transform, transformText } = claim
      const key = toVariantKey(spellKey({ ...claim, ext: format }))
      return { key, variant: { source, transform, format }, transformText, secretIndex }
    },
    verify: (text) => {
      const extDot = text.lastIndexOf('.')
      const format = text.slice(extDot + 1)
      if (!isFormat(format)) return undefined
      const stem = text.slice(0, extDot)
      if (stem !== last.stem) last = { stem, signed: verifyStem(text) }
      const { signed } = last
      if (signed === undefined) return undefined
      const { source, transform, transformText, secretIndex } = signed
      if (format === 'svg' && !isVectorVariant({ source, transform })) return undefined
      return { key: toVariantKey(text), variant: { source, transform, format }, transformText, secretIndex }
    },
  }
}

const hmac = (key: KeyObject, source: string, transformText: string): string =>
  createHmac('sha256', key).update(`${source}/${transformText}`).digest('base64url').slice(0, 16)

const toVariantKey = (text: string): VariantKey => text as VariantKey

/** A transform, and the text that it was read from. */
interface ReadTransform {
  readonly transform: Transform
  readonly transformText: string
}

/**
 * Reads transforms as `parseTransform` does, of many keys in a row. These repeat few texts, and each is then the same
 * string object every time, which makes comparing and hashing it cheap (`ResultMap`). A focus or a version, however,
 * is mostly of one source: only what stands around them is remembered.
 */
export const createTransformReader = (): ((text: string) => ReadTransform | undefined) => {
  const read = remember(readTransform, 1_000)
  return (text) => {
    const version = text.at(-VERSION_LENGTH) === '.' ? VERSION.exec(text)?.[1] : undefined
    const unversioned = version === undefined ? text : text.slice(0, -VERSION_LENGTH)
    const place = unversioned.indexOf('.focus-')
    if (version === undefined && place === -1) return read(text)
    const transform = place === -1 ? read(unversioned)?.transform : readFocused(unversioned, place, read)
    if (transform === undefined || transform.version !== undefined) return undefined
    return { transform: version === undefined ? transform : { ...transform, version }, transformText: text }
  }
}

const VERSION = /\.v-([0-9a-f]{10})$/
const VERSION_LENGTH = '.v-0123456789'.length

/** `place`: where a focus begins. Only behind the fit, the second dot, is it the position. */
const readFocused = (
  text: string,
  place: number,
  read: (text: string) => ReadTransform | undefined,
): Transform | undefined => {
  const end = text.indexOf('.', place + 1)
  const position = parsePosition(text.slice(place + 1, end))
  const around = read(text.slice(0, place) + text.slice(end))?.transform
  if (around === undefined || typeof position !== 'object') return undefined
  const { resize } = around
  if ('position' in resize || text.indexOf('.', text.indexOf('.') + 1) !== place) return undefined
  const placed = placeAt(resize, position)
  return placed === resize ? undefined : { ...around, resize: placed }
}

/** The same function with a memory of its last answers, up to `most`. */
const remember = <T>(parse: (text: string) => T, most: number): ((text: string) => T) => {
  const known = new Map<string, T>()
  return (text) => {
    const answer = known.get(text)
    if (answer !== undefined) return answer
    const found = parse(text)
    if (known.size >= most) known.clear()
    known.set(text, found)
    return found
  }
}
