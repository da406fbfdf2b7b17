import fc from 'fast-check'

const SURROGATES = 0x800

/** Any code point but a surrogate. It takes fast-check a second to make its own unit `binary`, which is the same. */
export const ANY_CHARACTER = fc
  .nat(0x10ffff - SURROGATES)
  .map((place) => String.fromCodePoint(place < 0xd800 ? place : place + SURROGATES))
