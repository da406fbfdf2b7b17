import type { AppEvent } from '../app/event.ts'
import { formatUrl } from '../url/path.ts'
import { formatBytes, formatCount } from './format-numbers.ts'
import { type LineFile, openLineFile, STANDARD_STREAM } from './line-file.ts'

/** A line about a file that a build has written: its name, its content, its size. */
export const formatWritten = (name: string, content: string, sizeBytes: number): string =>
  `wrote ${name}: ${content}, ${formatBytes(sizeBytes)}`

/** Files that list what happens while a build runs. */
export type EventFiles = Awaited<ReturnType<typeof openEventFiles>>

/** `--changed` and `--report-failures`; `print` is for `-`. */
export const openEventFiles = async (
  { changedFile, failuresFile }: Readonly<Record<'changedFile' | 'failuresFile', string | undefined>>,
  baseUrl: string,
  print: (line: string) => void,
) => {
  const changed = changedFile === undefined ? undefined : await openLineFile(changedFile, print)
  const failures = failuresFile === undefined ? undefined : await openLineFile(failuresFile, print)
  return {
    tell: (event: AppEvent): void => {
      if (event.kind === 'result-dropped' || (event.kind === 'result-stored' && event.replaced))
        changed?.write(formatUrl(baseUrl, event.key))
      if (event.kind === 'alias-stored' || event.kind === 'alias-deleted')
        changed?.write(formatUrl(baseUrl, event.name))
      if (event.kind === 'source-failed') writeFailure(failures, event.source, event.problem)
      if (event.kind === 'part-unlisted') writeFailure(failures, event.path, event.problem)
    },
    /** Writes what is left, and returns a line about each file. */
    close: async (): Promise<readonly string[]> => {
      await changed?.close()
      await failures?.close()
      return [
        ...sayWritten(changedFile, changed, (count) => formatCount(count, 'URL')),
        ...sayWritten(failuresFile, failures, (count) => formatCount(count, 'failure')),
      ]
    },
  }
}

const writeFailure = (
  file: LineFile | undefined,
  source: string,
  { code, message }: { readonly code: string; readonly message: string },
): void => file?.write(JSON.stringify({ source, code, message }))

const sayWritten = (
  name: string | undefined,
  file: LineFile | undefined,
  toContent: (lines: number) => string,
): readonly string[] => {
  if (name === undefined || file === undefined || name === STANDARD_STREAM) return []
  const { lines, sizeBytes } = file.written()
  return [formatWritten(name, toContent(lines), sizeBytes)]
}
