import type { LookView, OverridePatch } from '../app/studio/protocol.ts'
import type { Format } from '../core/format.ts'

/** One of two pictures: without loss, or in a format. */
export type Side = 'original' | Format

/** What is looked at: one transform, in two ways. */
export interface Shown {
  readonly transform: string
  readonly left: Side
  readonly right: Side
}

/** Writes what is said of a picture; `what` is what it is called where it can be undone. Whether it was written. */
export type Save = (patch: OverridePatch, what: string) => Promise<boolean>

/** Of one result among those of a picture. */
export const idOf = ({ transform, format }: Pick<LookView, 'transform' | 'format'>): string =>
  `${transform}.${format}`
