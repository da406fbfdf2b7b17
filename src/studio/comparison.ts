import type { LookView, OverridePatch } from '../app/studio/protocol.ts'
import type { Format } from '../core/format.ts'

/** One of two compared pictures: the original without loss, or a format. */
export type Side = 'original' | Format

/** One transform, shown in two ways. */
export interface Shown {
  readonly transform: string
  readonly left: Side
  readonly right: Side
}

/** Saves an override; `what` names it for undo. Returns whether it was saved. */
export type Save = (patch: OverridePatch, what: string) => Promise<boolean>

/** Names one result of a picture. */
export const idOf = ({ transform, format }: Pick<LookView, 'transform' | 'format'>): string =>
  `${transform}.${format}`
