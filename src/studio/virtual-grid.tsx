// biome-ignore-all lint/a11y/useSemanticElements: the rows of a table cannot be laid out like this
// biome-ignore-all lint/a11y/useFocusableInteractive: the link in a cell takes the focus, as ARIA's pattern of a grid has it
import type { ComponentChildren, RefObject } from 'preact'
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type GridRules, moveTo, type Scroll, scrollTo, shapeGrid, windowOf } from './virtual-grid.ts'

interface VirtualGridProps {
  readonly label: string
  readonly count: number
  readonly rules: GridRules
  /** One that tells of the same thing after others have come or gone. */
  readonly keyOf: (place: number) => string
  /** What a cell shows; the element with `data-cell` takes the focus. */
  readonly cell: (place: number, isCurrent: boolean) => ComponentChildren
  /** The place to begin at, and to be told of where the reader is. */
  readonly current: number
  readonly onMove: (place: number) => void
  /** Whether the keyboard's focus goes there at once. */
  readonly takesFocus?: boolean
}

/** A grid of any length, of which what is in view exists; arrow keys, Page Up and Down, Home and End move in it. */
export const VirtualGrid = (props: VirtualGridProps) => {
  const { label, count, rules, keyOf, cell, current, onMove, takesFocus = false } = props
  const frame = useRef<HTMLDivElement>(null)
  const { width, scroll, readScroll } = useScroll(frame)
  const shape = useMemo(() => shapeGrid(width, count, rules), [width, count, rules])
  const isWanted = useRef(takesFocus)

  const show = useCallback(
    (place: number) => {
      const element = frame.current
      if (element === null || shape.tileWidth <= 1) return
      const now = { top: element.scrollTop, viewport: element.clientHeight }
      const top = scrollTo(Math.floor(place / shape.columns), shape, now)
      if (top !== undefined) element.scrollTop = top
      readScroll()
    },
    [shape, readScroll],
  )
  // Where it was left, once it is known how wide it is.
  const isShown = useRef(false)
  useLayoutEffect(() => {
    if (isShown.current || width === 0 || count === 0) return
    isShown.current = true
    show(current)
  }, [width, count, current, show])
  // Before the next key comes.
  useLayoutEffect(() => {
    if (!isWanted.current) return
    const element = frame.current?.querySelector<HTMLElement>(`[data-place="${current}"] [data-cell]`)
    if (element === null || element === undefined) return
    isWanted.current = false
    element.focus({ preventScroll: true })
  })

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isEdited(event.target)) return
    const rowsInView = Math.floor(scroll.viewport / shape.rowHeight)
    const target = moveTo(current, event.key, { count, columns: shape.columns, rowsInView })
    if (target === undefined) return
    event.preventDefault()
    isWanted.current = true
    onMove(target)
    show(target)
  }

  const { first, end, height, topOf } = windowOf(shape, scroll)
  const currentRow = Math.floor(current / shape.columns)
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index)
  // The one that has the focus stays, wherever the reader has scrolled to.
  if (count > 0 && currentRow < shape.rows && !rows.includes(currentRow))
    rows[currentRow < first ? 'unshift' : 'push'](currentRow)
  return (
    <div
      ref={frame}
      class="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={shape.rows}
      aria-colcount={shape.columns}
      onScroll={readScroll}
      onKeyDown={onKeyDown}
    >
      <div class="sheet" role="presentation" style={{ height: `${height}px` }}>
        {width > 0 &&
          rows.map((row) => (
            <div
              key={row}
              class="row"
              role="row"
              aria-rowindex={row + 1}
              style={{ transform: `translateY(${topOf(row)}px)`, gap: `${rules.gap}px` }}
            >
              {Array.from({ length: Math.min(shape.columns, count - row * shape.columns) }, (_, column) => {
                const place = row * shape.columns + column
                return (
                  <div
                    key={keyOf(place)}
                    class="cell"
                    role="gridcell"
                    aria-colindex={column + 1}
                    data-place={place}
                    style={{ width: `${shape.tileWidth}px` }}
                    onFocusIn={() => place !== current && onMove(place)}
                  >
                    {cell(place, place === current)}
                  </div>
                )
              })}
            </div>
          ))}
      </div>
    </div>
  )
}

/** How wide a scrolled element is inside its padding, and where the reader is in it; `readScroll` looks again. */
const useScroll = (frame: RefObject<HTMLElement | null>) => {
  const [width, setWidth] = useState(0)
  const [scroll, setScroll] = useState<Scroll>({ top: 0, viewport: 0 })
  const readScroll = useCallback(() => {
    const element = frame.current
    if (element === null) return
    setScroll({ top: element.scrollTop, viewport: element.clientHeight })
    const style = getComputedStyle(element)
    setWidth(
      element.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight),
    )
  }, [])
  useLayoutEffect(() => {
    readScroll()
    const observer = new ResizeObserver(readScroll)
    if (frame.current !== null) observer.observe(frame.current)
    return () => observer.disconnect()
  }, [readScroll])
  return { width, scroll, readScroll }
}

const isEdited = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
