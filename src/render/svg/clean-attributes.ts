import { type Address, readAddress, refersTo } from './address.ts'
import { CREDIT, PICTURES, SVG, XLINK, XML } from './names.ts'
import { cleanStyle } from './style.ts'
import type { Attribute } from './walk.ts'

/** What the cleaning of one element's attributes needs to know, and whom it tells what it found. */
export interface AttributeContext {
  /** The element's name without its prefix. */
  readonly element: string
  readonly isCredit: boolean
  readonly namespaceOf: (prefix: string) => string | undefined
  /** An address whose bytes are part of the drawing, or of it alone: gives what is to stand in its place. */
  readonly resolvePicture: (address: string) => string
  readonly resolveStyle: (address: string) => string
  readonly onScript: () => void
}

/** The attributes that stay, as they are to be written. What refers to something outside is a `Danger`. */
export const cleanAttributes = (
  attributes: readonly Attribute[],
  context: AttributeContext,
): readonly Attribute[] =>
  attributes.flatMap(({ name, value }) => {
    const clean = cleanValue(name, value, context)
    return clean === undefined ? [] : [{ name, value: clean }]
  })

const cleanValue = (name: string, value: string, context: AttributeContext): string | undefined => {
  const [first = '', second] = name.split(':')
  if (first === 'xmlns') return isKnownNamespace(value) && second !== 'xml' ? value : undefined
  if (second !== undefined) return cleanPrefixed(context.namespaceOf(first), second, { value, context })
  if (HANDLER.test(name)) {
    context.onScript()
    return undefined
  }
  if (name === 'href') return cleanHref(value, context)
  return name === 'src' ? undefined : cleanPresentation(value, context)
}

export const HANDLER = /^on[a-z]/i

const isKnownNamespace = (name: string): boolean => name === SVG || name === XLINK || CREDIT.has(name)

const cleanPrefixed = (
  namespace: string | undefined,
  name: string,
  { value, context }: { readonly value: string; readonly context: AttributeContext },
): string | undefined => {
  if (namespace === XLINK && name === 'href') return cleanHref(value, context)
  if (namespace === XML && (name === 'space' || name === 'lang')) return value
  return context.isCredit && namespace !== undefined && CREDIT.has(namespace) ? value : undefined
}

/** A link leads nowhere outside: a picture has none, and in a document of its own nobody would expect it. */
const cleanHref = (
  value: string,
  { element, resolvePicture, onScript }: AttributeContext,
): string | undefined => {
  const { kind } = readAddress(value)
  if (kind === 'own') return value
  if (kind === 'script') onScript()
  if (element === 'a' || kind === 'script') return undefined
  if (kind === 'data' && PICTURES.has(element)) return resolvePicture(value)
  throw refersTo(value)
}

/** `style`, and every other attribute, whose value may be a part of one. */
const cleanPresentation = (value: string, { resolveStyle, onScript }: AttributeContext): string => {
  if (!MAY_REFER.test(value.replaceAll(OWN_REFERENCE, ' '))) return value
  const { css, isScript } = cleanStyle(value, resolveStyle)
  if (isScript) onScript()
  return css
}

/** To a part of the drawing: what drawing programs write in every other style. */
const OWN_REFERENCE = /url\(#[\w.:-]+\)/g

/** An address is a text in quotes, or `url(…)`, whose name may be escaped. */
const MAY_REFER = /url|["'\\]|expression|behavior|-moz-binding/i

/** What an animation makes of a link. */
export const readAnimatedAddresses = (attributes: readonly Attribute[]): readonly Address[] => {
  const attributeOf = (wanted: string): string => attributes.find(({ name }) => name === wanted)?.value ?? ''
  const animated = attributeOf('attributeName').trim().toLowerCase()
  if (HANDLER.test(animated)) return [{ kind: 'script' }]
  if (animated.split(':').at(-1) !== 'href') return []
  return ['from', 'to', 'by', 'values'].flatMap((name) => attributeOf(name).split(';').map(readAddress))
}
