import { type Address, readAddress, refersTo } from './address.ts'
import { CREDIT, PICTURES, SVG, XLINK, XML } from './allowed.ts'
import { cleanStyle } from './clean-style.ts'
import type { Attribute } from './markup.ts'

/** What is needed to clean one element's attributes, and who is told what was found. */
export interface AttributeContext {
  /** The element's name without its prefix. */
  readonly element: string
  readonly isCredit: boolean
  readonly namespaceOf: (prefix: string) => string | undefined
  /** For an address that contains a picture, or leads to the drawing itself: gives the address to write instead. */
  readonly resolvePicture: (address: string) => string
  readonly resolveStyle: (address: string) => string
  readonly onScript: () => void
}

/** The attributes that are kept, as they are written. One that refers to something outside is a `Danger`. */
export const cleanAttributes = (
  attributes: readonly Attribute[],
  context: AttributeContext,
): readonly Attribute[] => {
  const kept: Attribute[] = []
  for (const attribute of attributes) {
    const { name, value } = attribute
    const clean = cleanValue(name, value, context)
    if (clean !== undefined) kept.push(clean === value ? attribute : { name, value: clean })
  }
  return kept
}

const cleanValue = (name: string, value: string, context: AttributeContext): string | undefined => {
  if (name === 'xmlns' || name.includes(':')) return cleanNamespaced(name, value, context)
  if (HANDLER.test(name)) {
    context.onScript()
    return undefined
  }
  if (name === 'href') return cleanHref(value, context)
  return name === 'src' ? undefined : cleanPresentation(value, context)
}

/** An attribute that runs a script on an event. */
export const HANDLER = /^on[a-z]/i

const cleanNamespaced = (name: string, value: string, context: AttributeContext): string | undefined => {
  const [prefix = '', local = ''] = name.split(':')
  if (prefix === 'xmlns') {
    const isKnown = value === SVG || value === XLINK || CREDIT.has(value)
    return isKnown && local !== 'xml' ? value : undefined
  }
  const namespace = context.namespaceOf(prefix) ?? ''
  if (namespace === XLINK && local === 'href') return cleanHref(value, context)
  if (namespace === XML && (local === 'space' || local === 'lang')) return value
  return context.isCredit && CREDIT.has(namespace) ? value : undefined
}

/** A link leads nowhere outside: in a picture it has no effect, and in a document of its own nobody would expect it. */
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

/** `style`, and every other attribute whose value may be a part of a style. */
const cleanPresentation = (value: string, { resolveStyle, onScript }: AttributeContext): string => {
  if (!(MAY_REFER.test(value) && MAY_REFER.test(value.replaceAll(OWN_REFERENCE, ' ')))) return value
  const { css, isScript } = cleanStyle(value, resolveStyle)
  if (isScript) onScript()
  return css
}

/** A reference to a part of the drawing, which drawing programs write into every other style. */
const OWN_REFERENCE = /url\(#[\w.:-]+\)/g

/** An address is a text in quotes, or `url(…)`, whose name may be escaped. */
const MAY_REFER = /url|["'\\]|expression|behavior|-moz-binding/i

/** The addresses that an animation gives to a link. */
export const readAnimatedAddresses = (attributes: readonly Attribute[]): readonly Address[] => {
  const attributeOf = (wanted: string): string => attributes.find(({ name }) => name === wanted)?.value ?? ''
  const animated = attributeOf('attributeName').trim().toLowerCase()
  if (HANDLER.test(animated)) return [{ kind: 'script' }]
  if (animated.split(':').at(-1) !== 'href') return []
  return ['from', 'to', 'by', 'values'].flatMap((name) => attributeOf(name).split(';').map(readAddress))
}
