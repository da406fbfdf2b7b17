import { useEffect, useState } from 'preact/hooks'
import { askFile, type Parameters, type ShownFile } from './api.ts'

/** A file that is being fetched, is there, or could not be had. */
export interface FetchedFile {
  /** The last one that was there, until another is. */
  readonly file?: ShownFile
  readonly isLoading: boolean
  readonly problem?: string
}

/** What is asked for; absent parts are not sent. */
export interface FileRequest {
  readonly path: string
  readonly parameters: Parameters
}

/** Fetches what is wanted, `delayMs` after it was wanted last; what is wanted no longer is given up. */
export const useFile = (wanted: FileRequest | undefined, delayMs = 0): FetchedFile => {
  const [shown, setShown] = useState<FetchedFile>({ isLoading: false })
  const text = wanted === undefined ? '' : JSON.stringify(wanted)
  useEffect(() => {
    if (text === '') return setShown({ isLoading: false })
    const { path, parameters } = JSON.parse(text) as FileRequest
    const left = new AbortController()
    let url: string | undefined
    setShown(({ file }) => ({ ...(file && { file }), isLoading: true }))
    const timer = setTimeout(() => {
      askFile(path, parameters, left.signal).then(
        (file) => {
          url = file.url
          if (left.signal.aborted) URL.revokeObjectURL(url)
          else setShown({ file, isLoading: false })
        },
        (error: Error) => {
          if (!left.signal.aborted) setShown({ isLoading: false, problem: error.message })
        },
      )
    }, delayMs)
    return () => {
      clearTimeout(timer)
      left.abort()
      // It is seen until the next one is there.
      const old = url
      if (old !== undefined) setTimeout(() => URL.revokeObjectURL(old), FADE_MS)
    }
  }, [text, delayMs])
  return shown
}

const FADE_MS = 60_000
