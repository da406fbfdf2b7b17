import { createHash } from 'node:crypto'

/** The version of a source: the first ten hex digits of SHA-256(fingerprint "\n" revision). */
export const versionOf = (fingerprint: string, revision: string): string =>
  createHash('sha256').update(`${fingerprint}\n${revision}`).digest('hex').slice(0, 10)
