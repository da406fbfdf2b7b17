import type { FactsRecord } from './ledger-entry.ts'

/**
 * A source's facts as a part of the ledger holds them: everything in hex, for gzip's code fits one alphabet, and
 * nearly all of a part is hex.
 */
export type FactsLine = readonly [
  /** "" where it is that of the entry's first results. */
  fingerprint: string,
  width: number,
  height: number,
  /** With "*" after it for what is scalable, "+" for what is animated. */
  type: string,
  /** Nothing, or x and y in per mille. */
  attention: readonly number[],
  /** The colour's six digits, "-" where it is not known, then the ThumbHash in hex. */
  preview: string,
]

/** `common` is the fingerprint that needs no mention. */
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
