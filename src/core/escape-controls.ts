/**
 * C0 except tab and line feed, DEL and C1 move a terminal's cursor; U+2028 and U+2029 end a line for some readers of
 * logs; direction marks show a text in another order.
 */
const CONTROLS =
  '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069'

const ANY = new RegExp(`[${CONTROLS}]`, 'g')
/** Escape sequences for colours are allowed: they are ours. */
const ANY_BUT_COLOURS = new RegExp(`\\u001b\\[[0-9]{1,2}m|[${CONTROLS}]`, 'g')

/** `text` with each character that could affect a terminal or a log written as in JSON: `\u009b`. */
export const escapeControls = (text: string): string => text.replace(ANY, toEscape)

/** The same for a text that may have colours. */
export const escapeButColours = (text: string): string =>
  text.replace(ANY_BUT_COLOURS, (found) => (found.length > 1 ? found : toEscape(found)))

const toEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
