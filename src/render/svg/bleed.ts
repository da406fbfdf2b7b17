import type { Size } from '../../core/geometry.ts'
import { SVG } from './allowed.ts'

/**
 * How much is drawn around a drawing, in parts of its sides, because filters bring it inside: librsvg's read only what is
 * drawn, so that shapes blurred beyond an edge, as of Figma and Inkscape, would fade there. Where a filter does not tell its
 * region in the drawing's own units, nobody knows where its shapes lie: only a blur counts then, no shadow.
 */
export const findBleed = (drawing: string): number => {
  if (!drawing.includes('filter')) return 0
  const viewBox = /\sviewBox="\s*([^"]*)"/.exec(drawing)?.[1] ?? ''
  const [left = 0, top = 0, width = 0, height = 0] = viewBox.split(/[\s,]+/).map(Number)
  const toUnknown = (reach: number): number => Math.min(MOST_UNKNOWN, reach / Math.min(width, height))
  const [, ...filters] = drawing.split(/<(?:[\w-]{1,40}:)?filter\b/)
  const parts = filters.flatMap((text) => {
    const [region = ''] = text.split('>', 1)
    const [steps = ''] = text.split(/<\/(?:[\w-]{1,40}:)?filter\b/, 1)
    const [x, y, wide, high] = REGION.map((side) => Number(side.exec(region)?.[1] ?? Number.NaN))
    if (x === undefined || y === undefined || wide === undefined || high === undefined) return []
    const reach = findReach(steps)
    if (!UNITS.test(region)) return /\sd[xy]="/.test(steps) ? [] : [toUnknown(reach)]
    // The region is that of the shapes, and as far around them as they reach.
    const across = Math.max(left - x, x + wide - left - width) - reach
    const down = Math.max(top - y, y + high - top - height) - reach
    return [Math.min(across, reach) / width, Math.min(down, reach) / height]
  })
  return parts.filter(Number.isFinite).reduce((most, part) => Math.min(MOST, Math.max(most, part)), 0)
}

/** More would take more than four times the memory and time. */
const MOST = 0.5
const MOST_UNKNOWN = 0.25

const UNITS = /\sfilterUnits="userSpaceOnUse"/
const REGION = [/\sx="([^"]*)"/, /\sy="([^"]*)"/, /\swidth="([^"]*)"/, /\sheight="([^"]*)"/]

/** How far the steps of a filter carry colours: of a blur all but a fiftieth, as Figma has it too. */
const findReach = (steps: string): number => {
  const most = (pattern: RegExp): number =>
    [...steps.matchAll(pattern)].reduce((most, [, number]) => Math.max(most, Math.abs(Number(number))), 0)
  return most(/\sstdDeviation="([\d.]+)/g) * 2 + most(/\sd[xy]="([-\d.]+)/g)
}

/** The drawing, of the size `inner` in pixels, in the middle of one that shows what lies `around` it. */
export const widenDrawing = (drawing: Uint8Array, inner: Size, around: Size): Buffer => {
  const [width, height] = [inner.width + 2 * around.width, inner.height + 2 * around.height]
  const placed = ` x="${around.width}" y="${around.height}" width="${inner.width}" height="${inner.height}" overflow="visible"`
  const nested = Buffer.from(drawing)
    .toString()
    .replace(/ width="[^"]*" height="[^"]*"(?= viewBox=")/, placed)
  return Buffer.from(`<svg xmlns="${SVG}" width="${width}" height="${height}">${nested}</svg>`)
}
