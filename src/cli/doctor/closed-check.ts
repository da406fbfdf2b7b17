import { type Check, checkThat } from '../../app/doctor/check.ts'
import type { Config } from '../../config/config.ts'
import { type EdgeOptions, toEdgeStore } from '../../edge/edge-site.ts'
import { encodePath } from '../../url/path.ts'
import { type Fetch, judgeBare } from './url-checks.ts'

export interface ClosedCheckOptions extends Omit<EdgeOptions, 'serve' | 'bucketUrl'> {
  /** Of a result that stands in the bucket. */
  readonly key: string
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

/** Whether the bucket of a site whose links end shows a result to anybody. Nothing to look at in a folder. */
export async function* checkClosed(
  { serve, output }: Pick<Config, 'serve' | 'output'>,
  { key, fetch, signal, ...ambient }: ClosedCheckOptions,
): AsyncGenerator<Check> {
  if (!serve.expiring || output.kind !== 's3') return
  yield await checkThat('output', 'closed to strangers', async () => {
    const store = toEdgeStore(output, ambient)
    if (store.kind !== 'bucket') throw new Error('an output in S3 is a bucket')
    const url = `${store.origin.origin}${store.path}${encodePath(key)}`
    try {
      const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
      return judgeBare(response)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TypeError)) throw error
      return { status: 'skipped', found: `${store.origin.origin} cannot be reached from here` }
    }
  })
}
