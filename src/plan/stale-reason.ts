/**
 * What is wrong with a stale result, in words for people: its original has changed (`original`), or the options have;
 * `serve` made it, quickly and less well (`served`); other encoders made it, and are not wanted (`encoders`); nobody knows
 * what it was made from (`unrecorded`); or a build that should make everything again has not made it yet (`forced`).
 */
export const STALE_WORDS = {
  original: 'the original changed',
  options: 'options changed',
  served: 'made by serve with quick settings',
  encoders: 'made by other versions of the encoders',
  unrecorded: 'no record of what it was made from',
  forced: 'left over from a build --force',
} as const

/** See {@link STALE_WORDS}. */
export type StaleReason = keyof typeof STALE_WORDS
