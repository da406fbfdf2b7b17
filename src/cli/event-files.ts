import type { AppEvent } from '../app/event.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatUrl } from '../url/path.ts'
import { type LineFile, openLineFile } from './line-file.ts'

/** What is written line by line while a build runs. */
export interface EventFiles {
  tell(event: AppEvent): void
  close(): Promise<void>
}

/** `--changed` and `--report-failures`; `print` is for `-`. */
export const openEventFiles = async (
  {
    changedFile,
    failuresFile,
  }: { readonly changedFile: string | undefined; readonly failuresFile: string | undefined },
  { baseUrl, print }: { readonly baseUrl: string; readonly print: (line: string) => void },
): Promise<EventFiles> => {
  const changed = changedFile === undefined ? undefined : await openLineFile(changedFile, print)
  const failures = failuresFile === undefined ? undefined : await openLineFile(failuresFile, print)
  return {
    tell: (event) => {
      if (event.kind === 'result-dropped' || (event.kind === 'result-stored' && event.replaced))
        changed?.write(formatUrl(baseUrl, event.key))
      if (event.kind === 'alias-stored' || event.kind === 'alias-deleted')
        changed?.write(formatUrl(baseUrl, event.name))
      if (event.kind === 'source-failed') writeFailure(failures, event.source, event.problem)
    },
    close: async () => {
      await changed?.close()
      await failures?.close()
    },
  }
}

const writeFailure = (
  file: LineFile | undefined,
  source: SourceKey,
  { code, message }: { readonly code: string; readonly message: string },
): void => file?.write(JSON.stringify({ source, code, message }))
