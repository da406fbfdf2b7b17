import { ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { compareBytes, isInRange, type KeyRange } from '../core/byte-order.ts'
import { type Mark, toMark } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import { askAhead } from '../waiting/concurrency.ts'
import type { ListOptions, StoredObject } from './port.ts'
import { toS3Problem } from './s3-errors.ts'
import { type ListedPage, readListing, UnreadableListing } from './s3-listing.ts'

/** A bucket, and the prefix of every key that is ours. */
export interface OpenBucket {
  readonly client: S3Client
  readonly bucket: string
  /** "" or ending in "/". */
  readonly prefix: string
  readonly place: string
}

/** Every object below the prefix, in the order of S3; Problem `listing-disorder` where they are not in order. */
export async function* listBucket(place: OpenBucket, options: ListOptions): AsyncGenerator<StoredObject> {
  for await (const page of listBucketPages(place, options)) yield* page
}

/** How many pieces of a listing are requested at once, where it may be cut, and how many pages of each. */
const PIECES_AHEAD = 8
const PAGES_AHEAD = 8

/** The same in pages; several pieces at once where `options` say at which keys the listing may be cut. */
export async function* listBucketPages(
  place: OpenBucket,
  { splits, ...options }: ListOptions,
): AsyncGenerator<readonly StoredObject[]> {
  if (splits === undefined) return yield* openPiece(place, options, createShown()).pages
  const end = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal
  const pieces = listPieces(place, { ...options, splits, signal })
  try {
    for await (const piece of askAhead(pieces, PIECES_AHEAD)) {
      yield* piece.pages
      if (!piece.isCut()) return
    }
  } finally {
    end.abort()
  }
}

/** The pieces of a listing. The last one runs to the end, unless a split comes that it has not reached yet. */
async function* listPieces(
  place: OpenBucket,
  { splits, ...options }: ListOptions & { readonly splits: AsyncIterable<string> },
): AsyncGenerator<Piece> {
  const shown = createShown()
  const open = (from: KeyRange): Piece => {
    const piece = openPiece(place, { ...options, ...from }, shown)
    return { ...piece, pages: askAhead(piece.pages, PAGES_AHEAD) }
  }
  let last = open({})
  yield last
  for await (const split of splits) {
    if (!last.cut(split)) continue
    last = open({ after: split })
    yield last
  }
}

/** In a row: some stores send such pages for what was deleted. */
const MOST_EMPTY_PAGES = 1_000

interface Piece {
  readonly pages: AsyncGenerator<readonly StoredObject[]>
  /** Ends the piece at this key; false where the key is not in it, or more was requested already. */
  cut(key: string): boolean
  isCut(): boolean
}

/** Each page is requested while the previous one is worked on. */
const openPiece = (place: OpenBucket, options: ListOptions, shown: Shown): Piece => {
  let { after: reached, upTo } = options
  let isCut = false
  let isOver = false
  const isPast = (): boolean =>
    upTo !== undefined && reached !== undefined && compareBytes(reached, upTo) >= 0
  const upToEnd = (objects: readonly StoredObject[]): readonly StoredObject[] => {
    const [end, last] = [upTo, objects.at(-1)]
    return end === undefined || last === undefined || compareBytes(last.key, end) <= 0
      ? objects
      : objects.filter(({ key }) => compareBytes(key, end) <= 0)
  }
  const after = () => (reached === undefined ? {} : { after: reached })

  async function* list(): AsyncGenerator<readonly StoredObject[]> {
    const known = shown.find(reached ?? '')
    if (known !== undefined) {
      reached = known.upTo
      isOver = known.upTo === undefined || isPast()
      yield upToEnd(known.objects)
    }
    let emptyPages = 0
    let isMorePromised = false
    // Set once the store's own token led nowhere: keys are used instead. Not where it is refused: LocalStack, which does
    // that, passes keys over after a key.
    let goesByPlace = false
    let asked: string | undefined
    let coming = isOver ? undefined : requestPage(place, { ...options, ...after() })
    while (coming !== undefined) {
      const page: ListedPage = await coming
      const objects = toObjects(place, page, { ...options, last: reached })
      emptyPages = page.objects.length > 0 ? 0 : emptyPages + 1
      const leadsOn = page.token !== undefined && (page.token !== asked || emptyPages === 0)
      if (page.isTruncated && (!leadsOn || emptyPages === MOST_EMPTY_PAGES)) throw endless(place)
      // More was promised, but nothing came. If this counted as the end, all remaining keys would be lost.
      const isLost = isMorePromised && !page.isTruncated && page.objects.length === 0
      goesByPlace ||= isLost
      isMorePromised = page.isTruncated
      const end = objects.at(-1)?.key ?? reached
      if (!isLost)
        shown.note({ after: reached ?? '', upTo: page.isTruncated ? (end ?? '') : undefined, objects })
      reached = end
      isOver = isPast() || !(page.isTruncated || isLost)
      const next = goesByPlace && end !== undefined ? { after: end } : { token: page.token }
      asked = 'token' in next ? next.token : undefined
      coming = isOver ? undefined : requestPage(place, { ...options, ...next })
      coming?.catch(() => {}) // thrown where it is awaited, if the reader comes to it
      yield upToEnd(objects)
    }
  }

  return {
    pages: list(),
    cut: (key) => {
      const isWithin = isInRange(key, { ...options, ...after() })
      if (isOver || isPast() || !isWithin || key === upTo) return false
      upTo = key
      isCut = true
      return true
    },
    isCut: () => isCut,
  }
}

/** What the last answers have shown beyond their own piece, so that it need not be requested again. */
type Shown = ReturnType<typeof createShown>

/** All objects after `after` and up to `upTo`, or to the end. */
interface Stretch {
  readonly after: string
  readonly upTo: string | undefined
  readonly objects: readonly StoredObject[]
}

const createShown = () => {
  let last: Stretch | undefined
  return {
    note: (stretch: Stretch): void => {
      last = stretch
    },
    find: (after: string): Stretch | undefined => {
      if (last === undefined || compareBytes(after, last.after) < 0) return undefined
      if (last.upTo !== undefined && compareBytes(after, last.upTo) >= 0) return undefined
      return { ...last, objects: last.objects.filter(({ key }) => compareBytes(key, after) > 0) }
    },
  }
}
/** `last` is the key before the page. Problem `listing-disorder`. */
const toObjects = (
  place: OpenBucket,
  page: ListedPage,
  { last: before, onSkipped }: Pick<ListOptions, 'onSkipped'> & { readonly last: string | undefined },
): readonly StoredObject[] => {
  const objects: StoredObject[] = []
  let last = before
  for (const { key: whole, text, sizeBytes, modifiedAt, etag } of page.objects) {
    const key = whole?.slice(place.prefix.length)
    if (key === undefined) onSkipped?.(text, 'is not valid UTF-8')
    // An empty name is the mark of an empty "folder" that some consoles leave.
    else if (key !== '') {
      if (last !== undefined && compareBytes(last, key) >= 0) throw disorder(place, last, key)
      last = key
      objects.push({ key, sizeBytes, modifiedAt, mark: markOf(etag) })
    }
  }
  return objects
}

/** Fails with a Problem where the bucket cannot be listed. */
export const probeBucket = async (place: OpenBucket, signal?: AbortSignal): Promise<void> => {
  await requestPage(place, { maxKeys: 1, signal })
}

/** An ETag as a mark, without its quotes. Some stores show none, or an empty one, for objects of other origin. */
export const markOf = (etag: string | undefined): Mark | undefined =>
  toMark(etag?.replace(/^(W\/)?"|"$/g, ''))

interface PageRequest extends ListOptions {
  readonly token?: string | undefined
  readonly maxKeys?: number
}

const requestPage = async (
  place: OpenBucket,
  { prefix: below = '', after, token, maxKeys = 1000, signal }: PageRequest,
): Promise<ListedPage> => {
  signal?.throwIfAborted()
  const command = new ListObjectsV2Command({
    Bucket: place.bucket,
    Prefix: place.prefix + below,
    StartAfter: after === undefined ? undefined : place.prefix + after,
    MaxKeys: maxKeys,
    EncodingType: 'url',
    ContinuationToken: token,
  })
  let page: ListedPage | undefined
  readAnswer(command, (read) => {
    page = read
  })
  try {
    await place.client.send(command, signal ? { abortSignal: signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof UnreadableListing
      ? unreadable(place, error)
      : toS3Problem(error, { place: place.place, permission: 's3:ListBucket' })
  }
  if (page === undefined) throw new Error('the SDK has answered a listing itself')
  return page
}

/**
 * Has {@link readListing} read the answer, within an attempt of the SDK: what breaks off, or is refused in the middle,
 * is tried again as often as the client does. The SDK itself gets an empty listing, because its own reading took half
 * of a plan's time.
 */
const readAnswer = (command: ListObjectsV2Command, onPage: (page: ListedPage) => void): void =>
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { response } = result
      if (!isAnswer(response)) return result
      try {
        const read = await readListing(response.body)
        if ('code' in read) throw refused(read.code, read.message)
        onPage(read)
      } catch (error) {
        const isPassing = error instanceof UnreadableListing && error.isBroken
        throw isPassing ? Object.assign(error, { $retryable: { throttling: false } }) : error
      }
      return { ...result, response: { ...response, body: EMPTY_LISTING } }
    },
    // Before all steps of the SDK that read a body.
    { step: 'deserialize', priority: 'low', name: 'readListing' },
  )

const EMPTY_LISTING = new TextEncoder().encode('<ListBucketResult/>')

interface Answer {
  readonly statusCode: 200
  readonly body: AsyncIterable<Uint8Array>
}

/** Whether its status is 200; the SDK reads the others. */
const isAnswer = (response: unknown): response is Answer =>
  typeof response === 'object' &&
  response !== null &&
  'statusCode' in response &&
  response.statusCode === 200 &&
  'body' in response

/** As the SDK treats an error that comes with status 200: the request may be tried again. */
const refused = (code: string, message: string): S3ServiceException =>
  new S3ServiceException({ name: code, message, $fault: 'server', $metadata: { httpStatusCode: 503 } })

const unreadable = ({ place }: OpenBucket, cause: UnreadableListing): Problem =>
  cause.isBroken
    ? new Problem('store-unavailable', `the listing of ${place} broke off each time: ${cause.message}`, {
        hint: 'Check the network to the store; nothing was decided by this listing.',
        cause,
      })
    : new Problem('store-unavailable', `${place} did not answer with a listing of S3`, {
        hint: 'Check the endpoint: it must be the S3 interface itself, not a website or a console.',
        cause,
      })

const disorder = ({ place }: OpenBucket, last: string, key: string): Problem =>
  new Problem('listing-disorder', `the listing of ${place} is not in order: "${key}" comes after "${last}"`, {
    subject: key,
    hint: 'S3 promises UTF-8 byte order; nothing was decided by this listing.',
  })

const endless = ({ place }: OpenBucket): Problem =>
  new Problem(
    'listing-disorder',
    `the listing of ${place} breaks off: the store has more keys, but does not say how to ask for them`,
    { hint: 'S3 promises a continuation token that leads to them; nothing was decided by this listing.' },
  )
