import { Danger } from './danger.ts'

/** Where an address leads. */
export type Address =
  /** A part of the drawing itself, or nothing. */
  | { readonly kind: 'own' }
  /** Bytes that are contained in the address. */
  | { readonly kind: 'data'; readonly type: string; readonly bytes: Buffer; readonly fragment: string }
  | { readonly kind: 'script' }
  | { readonly kind: 'elsewhere' }

/** Reads an address as a browser does: white space around it, and line breaks in it, are ignored. */
export const readAddress = (text: string): Address => {
  const address = strip(text)
  if (address === '' || address.startsWith('#')) return { kind: 'own' }
  if (/^(?:java|live|vb)script:/i.test(address)) return { kind: 'script' }
  const data = /^data:([^,]*),/i.exec(address)
  if (data === null) return { kind: 'elsewhere' }
  const [type = '', ...parameters] = (data[1] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const [payload = ''] = address.slice(data[0].length).split('#', 1)
  const fragment = address.slice(data[0].length + payload.length)
  return { kind: 'data', type, bytes: decodePayload(payload, parameters.includes('base64')), fragment }
}

/** The URL standard removes C0 controls and spaces at the ends, and tabs and line breaks anywhere. */
const strip = (text: string): string => text.replaceAll(/^[\0- ]+|(?<![\0- ])[\0- ]+$|[\t\n\r]/g, '')

const decodePayload = (payload: string, isBase64: boolean): Buffer => {
  const bytes = payload.includes('%') ? decodePercent(payload) : Buffer.from(payload)
  return isBase64 ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes
}

/** Byte by byte; invalid escapes stay as they are: `decodeURIComponent` throws for those. */
const decodePercent = (text: string): Buffer => {
  const parts: Buffer[] = []
  for (const [part] of text.matchAll(/(?:%[\da-f]{2})+|(?:(?!%[\da-f]{2})[\s\S])+/gi))
    parts.push(/^%[\da-f]{2}/i.test(part) ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part))
  return Buffer.concat(parts)
}

/** An SVG as an address for an attribute, in the shorter of its two forms. */
export const formatSvgAddress = (markup: string): string => {
  const base64 = formatSvgData(markup)
  // Only quotes of attributes: quotes in a text belong to the text.
  const single = markup.replaceAll(/<[^>]*>/g, (tag) => tag.replaceAll(/="([^"']*)"/g, "='$1'"))
  const escaped = `data:image/svg+xml,${single.replaceAll(/[%#<>"&]|[^ -~]/gu, encodeURIComponent)}`
  return escaped.length < base64.length ? escaped : base64
}

/** The same for a style, in which no character of it has a meaning. */
export const formatSvgData = (markup: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(markup).toString('base64')}`

/** The refusal of an address that leads outside. */
export const refersTo = (address: string): Danger =>
  new Danger(`refers to ${JSON.stringify(address.trim().slice(0, 60))}`)
