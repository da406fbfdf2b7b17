import { type CSSToken, TokenType, tokenize } from '@csstools/css-tokenizer'
import { readAddress } from './address.ts'
import { Danger } from './danger.ts'

/** Gives the address to write instead of one in a style; it may be the same. */
type ResolveAddress = (address: string) => string

/** A style sheet, a list of declarations, or one value, as it may be served, and what was found in it. */
interface CleanStyle {
  readonly css: string
  /** It runs code in some old browser. */
  readonly isScript: boolean
  /** It chooses elements by their position among others. */
  readonly usesPlaces: boolean
}

/**
 * Checks every address in a style, with escapes resolved. A reference to an external style sheet is a {@link Danger}.
 */
export const cleanStyle = (css: string, resolve: ResolveAddress): CleanStyle => {
  if (!NOTEWORTHY.test(css)) return { css, isScript: false, usesPlaces: false }
  const tokens = tokenize({ css })
  // Of each open bracket whether texts in it are addresses.
  const brackets: boolean[] = []
  let holding = 0
  const open = (holds: boolean): void => {
    brackets.push(holds)
    holding += Number(holds)
  }
  let [rule, block] = ['', '']
  // In a picture, no browser loads a font from elsewhere: its text is shown in another one.
  const resolveHere = (address: string): string => {
    if (block !== 'font-face') return resolve(address)
    const font = readAddress(address)
    if (font.kind === 'elsewhere') return NO_FONT
    // Browsers go by its bytes, whatever the type.
    return font.kind === 'data' && font.type !== 'image/svg+xml' ? address : resolve(address)
  }
  const seen = { isScript: false, usesPlaces: false }
  const parts = tokens.map((token, index) => {
    note(token, tokens[index - 1], seen)
    switch (token[0]) {
      case TokenType.Function:
        open(HOLDS_ADDRESS.test(token[4].value))
        break
      case TokenType.OpenParen:
        open(false)
        break
      case TokenType.CloseParen:
        holding -= Number(brackets.pop() ?? false)
        break
      case TokenType.Semicolon:
        rule = ''
        break
      case TokenType.OpenCurly:
        ;[block, rule] = [rule, '']
        break
      case TokenType.CloseCurly:
        block = ''
        break
      case TokenType.URL:
        return rule === 'namespace' ? token[1] : replaceAddress(token, resolveHere)
      case TokenType.String:
        if (rule === 'namespace' || holding === 0) break
        return replaceAddress(token, resolveHere)
      case TokenType.BadURL:
        throw new Danger(`refers to ${JSON.stringify(token[1].slice(0, 60))}`)
      case TokenType.AtKeyword:
        rule = token[4].value.toLowerCase()
        if (rule === 'import') throw new Danger('imports a style sheet')
        break
      default:
    }
    return token[1]
  })
  return { css: parts.join(''), ...seen }
}

const NO_FONT = 'data:font/woff2,'

/** Only these can matter: most styles are kept without a closer look. */
const NOTEWORTHY = /[\\@(+~]|:(?:nth|first|last|only|empty|has)|behavior|-moz-binding/i

/** Functions whose texts are addresses; no browser has `src` and `image` yet. */
const HOLDS_ADDRESS = /^(?:url|src|image|(?:-webkit-)?(?:image-set|cross-fade))$/i

const replaceAddress = (
  token: Extract<CSSToken, { 4: { value: string } }>,
  resolve: ResolveAddress,
): string => {
  const address = token[4].value
  const wanted = resolve(address)
  if (wanted === address) return token[1]
  // Base64 data, or nothing: no character needs an escape.
  return token[0] === TokenType.URL ? `url(${wanted})` : JSON.stringify(wanted)
}

const note = (
  token: CSSToken,
  before: CSSToken | undefined,
  seen: { isScript: boolean; usesPlaces: boolean },
): void => {
  if (token[0] === TokenType.Delim && (token[4].value === '+' || token[4].value === '~'))
    seen.usesPlaces = true
  if (token[0] !== TokenType.Ident && token[0] !== TokenType.Function) return
  const name = token[4].value.toLowerCase()
  if (before?.[0] === TokenType.Colon && /^(?:nth|first|last|only|empty|has)\b/.test(name))
    seen.usesPlaces = true
  if (SCRIPT_NAMES.has(name)) seen.isScript = true
}

const SCRIPT_NAMES = new Set(['expression', 'behavior', '-ms-behavior', '-moz-binding'])
