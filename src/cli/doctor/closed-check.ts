import { type Check, checkThat, skipped, type Verdict, warning } from '../../app/doctor/check.ts'
import type { Config, WritablePlace } from '../../config/config.ts'
import { folderOf } from '../../config/describe-place.ts'
import { type EdgeOptions, toEdgeStore } from '../../edge/edge-site.ts'
import { encodePath } from '../../url/path.ts'
import { adviceOf } from './place-advice.ts'
import { type Fetch, judgeBare } from './url-checks.ts'

/** How a bucket is visited. */
export interface BucketVisit extends Omit<EdgeOptions, 'serve' | 'bucketUrl'> {
  /** The key of a result in the bucket. */
  readonly key: string
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

/** Whether the bucket shows a result to anybody, such as a visitor or a server in front; no check for a folder. */
export async function* checkOpen(
  { serve, output }: Pick<Config, 'serve' | 'output'>,
  options: BucketVisit,
): AsyncGenerator<Check> {
  if (serve.expiring || folderOf(output) !== undefined) return
  yield await checkThat('output', 'open to visitors', () => visit(output, options, judgeOpen(output)))
}

/** Whether the bucket of a site with links that expire shows a result to anybody; no check for a folder. */
export async function* checkClosed(
  { serve, output }: Pick<Config, 'serve' | 'output'>,
  options: BucketVisit,
): AsyncGenerator<Check> {
  if (!serve.expiring || folderOf(output) !== undefined) return
  yield await checkThat('output', 'closed to strangers', () => visit(output, options, judgeBare))
}

const judgeOpen =
  (place: WritablePlace) =>
  ({ status }: Pick<Response, 'status'>): Verdict =>
    status === 200
      ? 'whoever knows the name of a result can read it'
      : warning(
          `${status}: the bucket shows no result to the public`,
          `Right behind CloudFront with an origin access control. ${adviceOf(place).opening}`,
        )

/** Asks the bucket itself, without credentials. */
const visit = async (
  output: WritablePlace,
  { key, fetch, signal, ...ambient }: BucketVisit,
  judge: (answer: Pick<Response, 'status'>) => Verdict,
): Promise<Verdict> => {
  const store = toEdgeStore(output, ambient)
  if (store.kind !== 'bucket') throw new Error('a folder has no URL of its own')
  const url = `${store.origin.origin}${store.path}${encodePath(key)}`
  try {
    return judge(await fetch(url, { method: 'HEAD', redirect: 'manual', signal }))
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof TypeError)) throw error
    return skipped(`${store.origin.origin} cannot be reached from here`)
  }
}
