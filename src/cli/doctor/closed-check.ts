import { type Check, type CheckResult, checkThat, skipped, warning } from '../../app/doctor/check.ts'
import { type Config, folderOf, type WritablePlace } from '../../config/config.ts'
import { type EdgeOptions, toEdgeStore } from '../../edge/edge-site.ts'
import { encodePath } from '../../url/path.ts'
import { adviceOf } from './place-advice.ts'
import { type Fetch, judgeBare } from './url-checks.ts'

interface BucketVisit extends Omit<EdgeOptions, 'serve' | 'bucketUrl'> {
  /** The key of a result in the bucket. */
  readonly key: string
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

/**
 * Whether the bucket shows a result to anybody: it should, for visitors or a server in front, unless links expire. No
 * check for a folder.
 */
export async function* checkBucket(
  { serve, output }: Pick<Config, 'serve' | 'output'>,
  options: BucketVisit,
): AsyncGenerator<Check> {
  if (folderOf(output) !== undefined) return
  const [name, judge] = serve.expiring
    ? (['closed to strangers', judgeBare] as const)
    : (['open to visitors', judgeOpen(output)] as const)
  yield await checkThat('output', name, () => visit(output, options, judge))
}

const judgeOpen =
  (place: WritablePlace) =>
  ({ status }: Pick<Response, 'status'>): CheckResult =>
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
  judge: (answer: Pick<Response, 'status'>) => CheckResult,
): Promise<CheckResult> => {
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
