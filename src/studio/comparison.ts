import type { LookView, OverridePatch, PictureView, ResultView, Setup } from '../app/studio/protocol.ts'
import type { Format } from '../core/format.ts'

/** One of two compared pictures: the original without loss, or a format. */
export type Side = 'original' | Format

/** One transform, shown in two ways. */
export interface ComparedTransform {
  readonly transform: string
  readonly left: Side
  readonly right: Side
}

/** Saves an override; `what` names it for undo. Returns whether it was saved. */
type Save = (patch: OverridePatch, what: string) => Promise<boolean>

/** A picture, and what of it can be changed. */
export interface Editing {
  readonly view: PictureView
  readonly setup: Setup
  readonly save: Save
}

/** Names one result of a picture. */
export const idOf = ({ transform, format }: Pick<LookView, 'transform' | 'format'>): string =>
  `${transform}.${format}`

/** `content 640 × 427`; of an original that cannot be read, the size alone. */
export const resultNameOf = ({ sizes, width, height }: ResultView): string =>
  [sizes.join(', '), width !== undefined && `${width} × ${height}`].filter(Boolean).join(' ')

/** A name for each result, of a transform each: those of a small original may come out alike. */
export const nameApart = (results: readonly ResultView[]): readonly string[] => {
  const names = results.map(resultNameOf)
  return results.map(({ transform }, place) => {
    const [name = ''] = names.slice(place)
    return names.filter((each) => each === name).length > 1 ? `${name} (${transform})` : name
  })
}
