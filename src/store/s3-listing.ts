import { createXmlReader, XmlFault } from './xml-reader.ts'

/** One page of a bucket's listing as its server writes it: an answer to ListObjectsV2. */
export interface ListedPage {
  readonly objects: readonly ListedObject[]
  readonly isTruncated: boolean
  /** How to ask for the next page. */
  readonly token: string | undefined
}

export interface ListedObject {
  /** Undefined where its bytes are no UTF-8: `text` shows it. */
  readonly key: string | undefined
  /** The key as it came. */
  readonly text: string
  readonly sizeBytes: number
  readonly modifiedAt: number
  readonly etag: string | undefined
}

/** S3's word for a request that it began to answer, with status 200, before it knew that it would refuse it. */
export interface ListingRefusal {
  readonly code: string
  readonly message: string
}

/** An answer that is no page of a listing; its message says what is wrong with it, after "the answer". */
export class UnreadableListing extends Error {
  override readonly name = 'UnreadableListing'
  /** Whether it may have begun as one, so that another try may bring it whole. */
  readonly isBroken: boolean

  constructor(cause: Error, isBroken: boolean) {
    super(cause.message, { cause })
    this.isBroken = isBroken
  }
}

/** Reads an answer while it comes. Throws {@link UnreadableListing}, and what the body itself throws. */
export const readListing = async (body: AsyncIterable<Uint8Array>): Promise<ListedPage | ListingRefusal> => {
  const reader = createListingReader()
  const decoder = new TextDecoder()
  for await (const chunk of body) reader.write(decoder.decode(chunk, { stream: true }))
  return reader.end(decoder.decode())
}

type Fields = Record<string, string>

/** What elements say by name: those below the root, and those of each `Contents`. Whatever else there is, is passed over. */
const createListingReader = () => {
  const said: Fields = {}
  const objects: Fields[] = []
  let root: string | undefined
  let depth = 0
  let object: Fields | undefined
  let text = ''

  const xml = createXmlReader({
    open: (name) => {
      if (++depth === 1) root = name
      if (depth === 2 && name === 'Contents') object = {}
      text = ''
    },
    text: (more) => {
      text += more
    },
    close: (name) => {
      if (depth === 3 && object !== undefined) object[name] = text
      else if (depth === 2 && object !== undefined) {
        objects.push(object)
        object = undefined
      } else if (depth === 2) said[name] = text
      depth--
    },
  })

  const orUnreadable = <T>(read: () => T): T => {
    try {
      return read()
    } catch (cause) {
      if (!(cause instanceof XmlFault)) throw cause
      throw new UnreadableListing(cause, root === LISTING || (root === undefined && cause.isCutOff))
    }
  }
  return {
    write: (more: string): void => orUnreadable(() => xml.write(more)),
    end: (more: string): ListedPage | ListingRefusal =>
      orUnreadable(() => {
        xml.write(more)
        xml.end()
        if (root === 'Error') return { code: said.Code ?? 'InternalError', message: said.Message ?? '' }
        if (root !== LISTING) throw new XmlFault(`its root is ${root}`)
        return toPage(said, objects)
      }),
  }
}

const LISTING = 'ListBucketResult'

const toPage = (said: Fields, objects: readonly Fields[]): ListedPage => {
  const isTruncated = said.IsTruncated?.trim()
  if (isTruncated !== 'true' && isTruncated !== 'false')
    throw new XmlFault('it does not say whether there is more')
  // Keys come URL-encoded, form style, as XML cannot carry every character.
  const decode = said.EncodingType?.trim() === 'url' ? decodeUrl : (text: string) => text
  return {
    isTruncated: isTruncated === 'true',
    token: said.NextContinuationToken,
    objects: objects.map((object) => toObject(object, decode)),
  }
}

const toObject = (
  { Key: text, Size: size = '', LastModified: date = '', ETag: etag }: Fields,
  decode: (text: string) => string | undefined,
): ListedObject => {
  const sizeBytes = Number(size)
  if (text === undefined || size.trim() === '' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new XmlFault('an object of it has no key, or no size')
  const modifiedAt = Date.parse(date.trim())
  return {
    key: decode(text),
    text,
    sizeBytes,
    modifiedAt: Number.isNaN(modifiedAt) ? 0 : modifiedAt,
    etag: etag?.trim(),
  }
}

const decodeUrl = (text: string): string | undefined => {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
