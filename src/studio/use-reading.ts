import { useEffect } from 'preact/hooks'

/** Reads something, and again when `asked` changes; `signal` ends the last one. `fail` is told why it failed. */
export const useReading = (
  read: (signal: AbortSignal) => Promise<void>,
  asked: readonly unknown[],
  fail: (why: string) => void = () => {},
): void =>
  useEffect(() => {
    const left = new AbortController()
    read(left.signal).catch((error: Error) => {
      if (!left.signal.aborted) fail(error.message)
    })
    return () => left.abort()
  }, asked)
