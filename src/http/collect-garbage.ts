import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8 would collect after some 60 MB of pictures, because it looks at its own heap alone, where they are small. */
const COLLECTED_BYTES = 4 * 1024 * 1024
/** A picture is read, joined and sent on. */
const COPIES = 3

/** The place for young objects stays as small as it is: it would grow to 48 MB, and garbage with it. */
const STEADY = '--semi-space-growth-factor=1'

/**
 * Keeps the garbage of this process small, as a service wants it. The function that it returns is told of each picture's
 * size, and has V8 collect the young garbage after a few megabytes of them.
 */
export const createCollector = (): ((sizeBytes: number) => void) => {
  setFlagsFromString(STEADY)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void
  let garbageBytes = 0
  return (sizeBytes) => {
    garbageBytes += sizeBytes * COPIES
    if (garbageBytes < COLLECTED_BYTES) return
    garbageBytes = 0
    collect({ type: 'minor' })
  }
}
