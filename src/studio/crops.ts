import type { PictureSize } from '../core/geometry.ts'
import { overrideTransform } from '../core/override.ts'
import type { Focus } from '../core/position.ts'
import { layOutResult } from '../core/preparation.ts'
import type { Transform } from '../core/transform.ts'

/** The focus points of one picture: for every size, and for some sizes by name. */
export interface Points {
  readonly all?: Focus
  readonly sizes: Readonly<Record<string, Focus>>
}

/**
 * What a transform keeps of a picture, in shares 0..1 of its sides, and the result's proportions. `focus` replaces its
 * own position; `attention` is used where that asks for it.
 */
export const cropOf = (
  transform: Transform,
  picture: PictureSize,
  { focus, attention }: { readonly focus: Focus | undefined; readonly attention: Focus | undefined },
) => {
  const { scaled, crop } = layOutResult(
    focus === undefined ? transform : overrideTransform(transform, { focus }),
    picture,
    attention,
  )
  return {
    left: crop.left / scaled.width,
    top: crop.top / scaled.height,
    width: crop.width / scaled.width,
    height: crop.height / scaled.height,
    ratio: crop.width / crop.height,
  }
}

/** A point moved by a key, within the picture; undefined where the key moves nothing. */
export const nudge = ({ x, y }: Focus, key: string, isFar: boolean): Focus | undefined => {
  const step = isFar ? 50 : 10
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  }
  const move = Object.hasOwn(moves, key) ? moves[key] : undefined
  return move && { x: within(x + move[0]), y: within(y + move[1]) }
}

/** Rounded and limited to 0..1000 per mille. */
export const within = (value: number): number => Math.min(1000, Math.max(0, Math.round(value)))
