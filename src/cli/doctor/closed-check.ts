import { type Check, checkThat } from '../../app/doctor/check.ts'
import type { Config, WritablePlace } from '../../config/config.ts'
import { type EdgeOptions, toEdgeStore } from '../../edge/edge-site.ts'
import { encodePath } from '../../url/path.ts'
import { type Fetch, judgeBare, type Verdict } from './url-checks.ts'

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
  if (serve.expiring || output.kind !== 's3') return
  yield await checkThat('output', 'open to visitors', () => visit(output, options, judgeOpen(output)))
}

/** Whether the bucket of a site with links that expire shows a result to anybody; no check for a folder. */
export async function* checkClosed(
  { serve, output }: Pick<Config, 'serve' | 'output'>,
  options: BucketVisit,
): AsyncGenerator<Check> {
  if (!serve.expiring || output.kind !== 's3') return
  yield await checkThat('output', 'closed to strangers', () => visit(output, options, judgeBare))
}

/** How to allow nginx and other servers to read results. */
export const adviseOpening = ({ bucket, prefix }: Pick<BucketPlace, 'bucket' | 'prefix'>): string =>
  `For nginx, Caddy or Cloudflare in front allow everybody s3:GetObject on arn:aws:s3:::${bucket}/${prefix}*; docs/guides/bucket-and-cdn.md has the policy.`

type BucketPlace = Extract<WritablePlace, { kind: 's3' }>

const judgeOpen =
  (place: BucketPlace) =>
  ({ status }: Pick<Response, 'status'>): Verdict =>
    status === 200
      ? 'whoever knows the name of a result can read it'
      : {
          status: 'warning',
          found: `${status}: the bucket shows no result to strangers`,
          advice: `Right behind CloudFront with an origin access control. ${adviseOpening(place)}`,
        }

/** Asks the bucket itself, without credentials. */
const visit = async (
  output: BucketPlace,
  { key, fetch, signal, ...ambient }: BucketVisit,
  judge: (answer: Pick<Response, 'status'>) => Verdict,
): Promise<Verdict> => {
  const store = toEdgeStore(output, ambient)
  if (store.kind !== 'bucket') throw new Error('an output in S3 is a bucket')
  const url = `${store.origin.origin}${store.path}${encodePath(key)}`
  try {
    return judge(await fetch(url, { method: 'HEAD', redirect: 'manual', signal }))
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof TypeError)) throw error
    return { status: 'skipped', found: `${store.origin.origin} cannot be reached from here` }
  }
}
