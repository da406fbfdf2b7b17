import { createRequire } from 'node:module'
import type * as Jsonc from 'jsonc-parser'
import { countFirst } from '../core/count-first.ts'

/** Loaded at its first use: most projects have no overrides, and start sooner without it. */
const loadParser = (): typeof Jsonc => createRequire(import.meta.url)('jsonc-parser')

/** One property of the object in a JSON text; offsets in UTF-16 units. */
export interface JsonEntry {
  readonly name: string
  /** The offset of its name, with the quote. */
  readonly start: number
  readonly valueStart: number
  /** The offset after its value. */
  readonly end: number
}

/** The first mistake that makes a text invalid JSON. */
interface JsonFault {
  readonly offset: number
  /** What stands there; "" at the end of the text. */
  readonly found: string
  readonly allowed: string
}

/** The properties of the object in `text`, in order, repeated names too; or the first mistake. `form` shows the object. */
export const readJsonEntries = (
  text: string,
  form = '{ "name": { … } }',
): readonly JsonEntry[] | JsonFault => {
  const entries: JsonEntry[] = []
  let open: Omit<JsonEntry, 'valueStart' | 'end'> | undefined
  let depth = 0
  let valueStart = 0
  let fault: JsonFault | undefined
  const begin = (offset: number): void => {
    if (depth === 1) valueStart = offset
    depth += 1
  }
  const end = (offset: number): void => {
    if (depth !== 1 || open === undefined) return
    entries.push({ ...open, valueStart, end: offset })
    open = undefined
  }
  const close = (offset: number, length: number): void => {
    depth -= 1
    end(offset + length)
  }
  const takeRoot = (offset: number, length: number): void => {
    if (depth > 0) return
    fault ??= { offset, found: text.slice(offset, offset + length), allowed: `an object, ${form}` }
  }
  const visitor: Jsonc.JSONVisitor = {
    onObjectBegin: begin,
    onArrayBegin: (offset) => {
      takeRoot(offset, 1)
      begin(offset)
    },
    onObjectEnd: close,
    onArrayEnd: close,
    onObjectProperty: (name, start) => {
      if (depth === 1) open = { name, start }
    },
    onLiteralValue: (_value, offset, length) => {
      takeRoot(offset, length)
      valueStart = depth === 1 ? offset : valueStart
      end(offset + length)
    },
    onError: (code, offset, length) => {
      fault ??= { offset, found: text.slice(offset, offset + length), allowed: describe(code) }
    },
  }
  try {
    loadParser().visit(text, visitor, { disallowComments: true })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // the parser is recursive
    return { offset: valueStart, found: 'brackets within brackets', allowed: 'fewer of them' }
  }
  return fault ?? entries
}

/** Calls back for each name in `text`, at any depth, with its path and offset. `text` must be JSON. */
export const hearJsonNames = (
  text: string,
  hear: (path: readonly PropertyKey[], offset: number) => void,
): void =>
  loadParser().visit(text, {
    onObjectProperty: (name, offset, _length, _line, _column, parents) => hear([...parents(), name], offset),
  })

/** Tells line and column of offsets in `text`, both from 1. The lines are counted once, when first asked. */
export const createPlaces = (
  text: string,
): ((offset: number) => { readonly line: number; readonly column: number }) => {
  let breaks: readonly number[] | undefined
  return (offset) => {
    breaks ??= Array.from(text.matchAll(/\n/g), ({ index }) => index)
    const before = countFirst(breaks, (at) => at < offset)
    return { line: before + 1, column: offset - (breaks[before - 1] ?? -1) }
  }
}

/** The codes of the parser in words for users. */
const describe = (code: Jsonc.ParseErrorCode): string =>
  ALLOWED[loadParser().printParseErrorCode(code)] ?? 'JSON'

const ALLOWED: Readonly<Record<string, string>> = {
  InvalidNumberFormat: 'a number as JSON has it',
  PropertyNameExpected: 'a name in double quotes (and no comma after the last one)',
  ValueExpected: 'a value: an object, a list, a text in double quotes, a number, true, false or null',
  ColonExpected: 'a colon between a name and its value',
  CommaExpected: 'a comma between this and what stands before it',
  CloseBraceExpected: '"}"',
  CloseBracketExpected: '"]"',
  EndOfFileExpected: 'nothing after the object',
  InvalidCommentToken: 'JSON, which has no comments',
  UnexpectedEndOfString: 'a double quote that ends the text, on the same line',
  UnexpectedEndOfNumber: 'a number as JSON has it',
  InvalidEscapeCharacter: 'an escape that JSON knows, such as \\n or \\u00e9',
  InvalidUnicode: 'four hex digits after \\u',
  InvalidCharacter: 'JSON: control characters in a text are written \\u00…',
}
