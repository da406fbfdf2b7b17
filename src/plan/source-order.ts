import { compareBytes } from '../core/byte-order.ts'

/**
 * The order in which sources are complete when keys are walked in byte order; the ledger has this order, too.
 *
 * The keys of `a.jpg` lie between "a.jpg/" and "a.jpg0" ("0" is the byte after "/"). Those of `a.jpg-2` come
 * before them and those of `a.jpg/5.png` among them, although both sources sort after `a.jpg`. A walk knows that
 * it has seen all of a source once it has come to source + "0".
 */
export const compareSources = (a: string, b: string): number => compareBytes(endOfSource(a), endOfSource(b))

/** The smallest text that sorts after every key of the source. */
export const endOfSource = (source: string): string => `${source}0`
