import type { FactsRecord } from './ledger-entry.ts'

/**
 * A source's facts, as a part of the ledger stores them. Everything is in hex, like nearly all of a part: gzip's code
 * then fits one alphabet.
 */
export type FactsLine = readonly [
  /** "" where it is the fingerprint of the entry's first results. */
  fingerprint: string,
  width: number,
  height: number,
  /** Followed by "*" if it is scalable, by "+" if it is animated. */
  type: string,
  /** Empty, or x and y in per mille. */
  attention: readonly number[],
  /** Six digits of the colour, or "-" where unknown; then the ThumbHash in hex. */
  preview: string,
]

/** `common`: the fingerprint that is left out. */
export const toFactsLine = (facts: FactsRecord, common: string | undefined): FactsLine => [
  facts.fingerprint === common ? '' : facts.fingerprint,
  facts.width,
  facts.height,
  `${facts.mediaFormat}${facts.isScalable ? '*' : ''}${facts.isAnimated ? '+' : ''}`,
  facts.attention === undefined ? [] : [facts.attention.x, facts.attention.y],
  `${facts.colour ?? '-'}${Buffer.from(facts.thumbhash ?? '', 'base64').toString('hex')}`,
]

/** The inverse of {@link toFactsLine}. */
export const readFactsLine = (line: FactsLine, common: string | undefined): FactsRecord => {
  const [fingerprint, width, height, type, [x, y], preview] = line
  const hash = preview.slice(preview.startsWith('-') ? 1 : 6)
  return {
    fingerprint: fingerprint === '' && common !== undefined ? common : fingerprint,
    width,
    height,
    mediaFormat: type.replace(/[*+]+$/, ''),
    ...(type.includes('*') && { isScalable: true }),
    ...(type.includes('+') && { isAnimated: true }),
    ...(x !== undefined && y !== undefined && { attention: { x, y } }),
    ...(!preview.startsWith('-') && { colour: preview.slice(0, 6) }),
    ...(hash !== '' && { thumbhash: Buffer.from(hash, 'hex').toString('base64') }),
  }
}
