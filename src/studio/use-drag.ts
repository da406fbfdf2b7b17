import { useRef } from 'preact/hooks'

/** Where a pointer is that is down, and how far it has come since. */
interface Drag {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  /** Whether the pointer has only just come down. */
  readonly isFirst: boolean
}

/** Handlers for an element that is dragged; the pointer stays its own until it is up. */
export const useDrag = (onDrag: (drag: Drag) => void, { takesTouch = true } = {}) => {
  const last = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined)
  const end = (): void => {
    last.current = undefined
  }
  return {
    onPointerDown: (event: PointerEvent & { readonly currentTarget: Element }): void => {
      if (event.button !== 0) return
      // Elsewhere a finger scrolls, which is the browser's.
      if (event.pointerType === 'touch' && !takesTouch) return
      event.currentTarget.setPointerCapture(event.pointerId)
      const { clientX: x, clientY: y } = event
      last.current = { x, y }
      onDrag({ x, y, dx: 0, dy: 0, isFirst: true })
    },
    onPointerMove: (event: PointerEvent): void => {
      const before = last.current
      if (before === undefined) return
      const { clientX: x, clientY: y } = event
      last.current = { x, y }
      onDrag({ x, y, dx: x - before.x, dy: y - before.y, isFirst: false })
    },
    onPointerUp: end,
    onPointerCancel: end,
  }
}
