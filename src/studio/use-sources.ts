import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Pattern, Setup } from '../app/studio/protocol.ts'
import { askAnew, readInventoryLines } from './api.ts'
import { addLine, noSources, replacePattern } from './sources.ts'
import { forgetThumbs } from './thumb.tsx'

/** All pictures, for every view of the page. */
type InventoryState = ReturnType<typeof useSources>

/** What every view of the page knows. */
export interface PageProps {
  readonly setup: Setup
  readonly inventory: InventoryState
}

/** A page that is drawn for each line would do little else. */
const REDRAW_MS = 150

/** Reads the inventory while the component is shown. */
export const useSources = () => {
  const [sources, setSources] = useState(noSources)
  const [version, setVersion] = useState(0)
  const [round, setRound] = useState(0)
  const redraw = useCallback(() => setVersion((before) => before + 1), [])
  const current = useRef(sources)
  current.current = sources
  useEffect(() => {
    const left = new AbortController()
    const next = noSources()
    const read = async (): Promise<void> => {
      setSources(next)
      if (round > 0) await askAnew()
      let drawnAt = 0
      for await (const line of readInventoryLines(left.signal)) {
        addLine(next, line)
        if (performance.now() - drawnAt < REDRAW_MS) continue
        drawnAt = performance.now()
        redraw()
      }
    }
    read()
      .catch((error: Error) => {
        if (!left.signal.aborted) next.end = { problem: error.message }
      })
      .finally(redraw)
    return () => left.abort()
  }, [round, redraw])
  return {
    sources,
    /** Another whenever something of `sources` has changed. */
    version,
    /** How often they were read anew. */
    round,
    refresh: (): void => {
      forgetThumbs()
      setRound((before) => before + 1)
    },
    /** What one picture is now. */
    setPattern: (source: string, pattern: Pattern): void => {
      const place = current.current.names.indexOf(source)
      if (place === -1) return
      replacePattern(current.current, place, pattern)
      redraw()
    },
    setAlt: (source: string, alt: string | undefined): void => {
      const place = current.current.names.indexOf(source)
      if (alt === undefined) current.current.alts.delete(place)
      else current.current.alts.set(place, alt)
      redraw()
    },
  }
}
