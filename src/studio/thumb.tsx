import { useEffect, useState } from 'preact/hooks'
import { askFile, type ShownFile } from './api.ts'
import { createThumbQueue } from './thumbs.ts'

const queue = createThumbQueue<ShownFile>({
  load: (source, signal) => askFile('thumb', { source }, signal),
  atOnce: 4,
  most: 1_000,
  free: ({ url }) => URL.revokeObjectURL(url),
})

/** Drops all thumbnails, so that they are loaded again. */
export const forgetThumbs = (): void => queue.clear()

/** While the reader scrolls, nothing is loaded. */
const SETTLED_MS = 80

/** A thumbnail. Screen readers skip it, because the name is beside it. */
export const Thumb = ({ source }: { readonly source: string }) => {
  const [thumb, setThumb] = useState<ShownFile | 'none' | undefined>(() => queue.held(source))
  useEffect(() => {
    const held = queue.held(source)
    setThumb(held)
    if (held !== undefined) return
    let leave = (): void => {}
    const timer = setTimeout(() => {
      leave = queue.request(source, (found) => setThumb(found ?? 'none'))
    }, SETTLED_MS)
    return () => {
      clearTimeout(timer)
      leave()
    }
  }, [source])
  if (thumb === 'none') return <span class="thumb broken" />
  if (thumb === undefined) return <span class="thumb" />
  return <img class="thumb" src={thumb.url} alt="" draggable={false} />
}
