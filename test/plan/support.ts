import type { Mark } from '../../src/core/mark.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { ListedResult, ListedSource } from '../../src/plan/group.ts'
import type { ResultRecord } from '../../src/plan/ledger-entry.ts'
import type { VariantKey } from '../../src/url/keyring.ts'
import { toTransform } from '../support/parsed.ts'

/** What is recorded of a WebP, 640 pixels wide, that a build has made. */
export const aRecord = (changes: Partial<ResultRecord> = {}): ResultRecord => ({
  transform: '640w.q80',
  format: 'webp',
  fingerprint: 'f',
  recipe: 'r',
  encoder: 'e',
  headers: 'h',
  maker: 'build',
  etag: '0123456789ab',
  sizeBytes: 1,
  ...changes,
})

/** An original of one byte, as a listing shows it. */
export const aSource = (key: SourceKey, changes: Partial<ListedSource> = {}): ListedSource => ({
  key,
  sizeBytes: 1,
  modifiedAt: 0,
  mark: undefined,
  isIncluded: true,
  ...changes,
})

/** A WebP of it as a listing shows it, under any signature. */
export const aResult = (
  source: SourceKey,
  mark: Mark | undefined,
  { name = '640w.q80.F5qBZZuh0iN5uWNN.webp', secretIndex = 0, sizeBytes = 1 } = {},
): ListedResult => {
  const transformText = name.slice(0, -22)
  return {
    key: `${source}/${name}` as VariantKey,
    variant: { source, transform: toTransform(transformText), format: 'webp' },
    transformText,
    secretIndex,
    sizeBytes,
    modifiedAt: 0,
    mark,
  }
}
