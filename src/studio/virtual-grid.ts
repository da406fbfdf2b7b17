/** The arithmetic of a grid of which only the rows in view exist. Lengths in CSS pixels. */

/** The columns and rows of a grid of a given width. */
export interface GridShape {
  readonly columns: number
  readonly rows: number
  readonly tileWidth: number
  /** With the gap below it. */
  readonly rowHeight: number
}

/** How wide tiles are, and what is between and below them. */
export interface GridRules {
  /** As many columns as leave each tile at least so wide; on a phone at least two. */
  readonly leastTile: number
  readonly gap: number
  /** Height of the picture by its width. */
  readonly ratio: number
  /** What stands below a picture. */
  readonly captionHeight: number
}

/** As many columns as fit; tiles fill the width. */
export const shapeGrid = (width: number, count: number, rules: GridRules): GridShape => {
  const { leastTile, gap, ratio, captionHeight } = rules
  const columns = Math.max(width < leastTile ? 1 : 2, Math.floor((width + gap) / (leastTile + gap)))
  const tileWidth = Math.max(1, (width - gap * (columns - 1)) / columns)
  const rowHeight = Math.round(tileWidth * ratio) + captionHeight + gap
  return { columns, rows: Math.ceil(count / columns), tileWidth, rowHeight }
}

/** Browsers cut elements off above some 17 to 33 million pixels. */
const MOST_HEIGHT = 10_000_000

/** The rows that exist at a scroll position. */
interface GridWindow {
  /** The first row that exists, and the one after the last. */
  readonly first: number
  readonly end: number
  /** The height of the element that scrolls. */
  readonly height: number
  /** Where a row lies in that element. */
  readonly topOf: (row: number) => number
}

/** How far the element is scrolled, and how much of it is visible. */
export interface Scroll {
  readonly top: number
  readonly viewport: number
}

/** Rows above and below what is seen. */
const OVERSCAN = 2

/** The rows in view, and a few above and below them. */
export const windowOf = ({ rows, rowHeight }: GridShape, { top, viewport }: Scroll): GridWindow => {
  const height = Math.min(rows * rowHeight, MOST_HEIGHT)
  const seenFrom = Math.max(0, top * factorOf(rows * rowHeight, viewport))
  const first = Math.max(0, Math.floor(seenFrom / rowHeight) - OVERSCAN)
  const end = Math.min(rows, Math.ceil((seenFrom + viewport) / rowHeight) + OVERSCAN)
  // Where the element is shorter than the rows together, they are laid around what is in view.
  return { first: Math.min(first, rows), end, height, topOf: (row) => row * rowHeight - seenFrom + top }
}

/** Where to scroll so that a row is in view; undefined where it is. */
export const scrollTo = (row: number, { rows, rowHeight }: GridShape, scroll: Scroll): number | undefined => {
  const { top, viewport } = scroll
  const factor = factorOf(rows * rowHeight, viewport)
  const seenFrom = Math.max(0, top * factor)
  const [above, below] = [row * rowHeight, (row + 1) * rowHeight - viewport]
  if (seenFrom > above) return above / factor
  return seenFrom < below ? below / factor : undefined
}

/** How much further all rows together go than the element that scrolls. */
const factorOf = (whole: number, viewport: number): number =>
  whole <= MOST_HEIGHT || MOST_HEIGHT <= viewport ? 1 : (whole - viewport) / (MOST_HEIGHT - viewport)

/** The place that a key moves to; undefined where it moves nowhere. */
export const moveTo = (
  place: number,
  key: string,
  { count, columns, rowsInView }: Readonly<Record<'count' | 'columns' | 'rowsInView', number>>,
): number | undefined => {
  const page = Math.max(1, rowsInView) * columns
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    ArrowUp: place - columns,
    ArrowDown: place + columns,
    PageUp: place - page,
    PageDown: place + page,
    Home: 0,
    End: count - 1,
  }
  const target = Object.hasOwn(moves, key) ? moves[key] : undefined
  if (target === undefined || count === 0) return undefined
  // A step up or down from the edge stays in its column; a page goes as far as there is.
  if (target < 0) return key === 'PageUp' ? place % columns : place
  if (target >= count)
    return key === 'PageDown' || (key === 'ArrowDown' && isRowBelow(place, columns, count))
      ? count - 1
      : place
  return target
}

const isRowBelow = (place: number, columns: number, count: number): boolean =>
  Math.floor(place / columns) < Math.floor((count - 1) / columns)
