import { decodePercent } from '../core/percent.ts'
import { createXmlReader, XmlFault } from './xml-reader.ts'

/** One page of a bucket's listing as its server writes it: an answer to ListObjectsV2. */
export interface ListedPage {
  readonly objects: readonly ListedObject[]
  readonly isTruncated: boolean
  readonly token: string | undefined
}

interface ListedObject {
  /** Undefined where its bytes are not UTF-8; then `text` shows it. */
  readonly key: string | undefined
  /** The key as the server wrote it. */
  readonly text: string
  readonly sizeBytes: number
  readonly modifiedAt: number
  readonly etag: string | undefined
}

/** A refusal that comes with status 200, because the server found its reason only after it had begun to answer. */
interface ListingRefusal {
  readonly code: string
  readonly message: string
}

/** An answer that is no page of a listing. Its message says what is wrong, as a clause about "the answer". */
export class UnreadableListing extends Error {
  override readonly name = 'UnreadableListing'
  /** Whether it began as a listing, so that another attempt may bring it whole. */
  readonly isBroken: boolean

  constructor(cause: Error, isBroken: boolean) {
    super(cause.message, { cause })
    this.isBroken = isBroken
  }
}

/** Reads an answer while it arrives. Throws {@link UnreadableListing}, and errors of the body itself. */
export const readListing = async (body: AsyncIterable<Uint8Array>): Promise<ListedPage | ListingRefusal> => {
  const reader = createListingReader()
  const decoder = new TextDecoder()
  for await (const chunk of body) reader.write(decoder.decode(chunk, { stream: true }))
  return reader.end(decoder.decode())
}

/** What `Contents` says of an object, as the server wrote it. */
interface Said {
  key: string | undefined
  size: string
  date: string
  etag: string | undefined
}

const createListingReader = () => {
  /** The texts of the elements below the root; other elements are ignored. */
  const said = new Map<string, string>()
  const objects: Said[] = []
  let root: string | undefined
  let depth = 0
  let object: Said | undefined
  let text = ''

  const xml = createXmlReader({
    open: (name) => {
      if (++depth === 1) root = name
      if (depth === 2 && name === 'Contents') object = { key: undefined, size: '', date: '', etag: undefined }
      text = ''
    },
    text: (more) => {
      text += more
    },
    close: (name) => {
      if (depth === 3 && object !== undefined) setField(object, name, text)
      else if (depth === 2 && object !== undefined) {
        objects.push(object)
        object = undefined
      } else if (depth === 2) said.set(name, text)
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
        if (root === 'Error')
          return { code: said.get('Code') ?? 'InternalError', message: said.get('Message') ?? '' }
        if (root !== LISTING) throw new XmlFault(`its root is ${root}`)
        return toPage(said, objects)
      }),
  }
}

const LISTING = 'ListBucketResult'

const setField = (object: Said, name: string, text: string): void => {
  if (name === 'Key') object.key = text
  else if (name === 'Size') object.size = text
  else if (name === 'LastModified') object.date = text
  else if (name === 'ETag') object.etag = text
}

const toPage = (said: ReadonlyMap<string, string>, objects: readonly Said[]): ListedPage => {
  const isTruncated = said.get('IsTruncated')?.trim()
  if (isTruncated !== 'true' && isTruncated !== 'false')
    throw new XmlFault('it does not say whether there is more')
  // Keys are URL-encoded as in forms, because XML cannot contain every character.
  const decode = said.get('EncodingType')?.trim() === 'url' ? decodeUrl : (text: string) => text
  return {
    isTruncated: isTruncated === 'true',
    token: said.get('NextContinuationToken'),
    objects: objects.map((object) => toObject(object, decode)),
  }
}

const toObject = (
  { key: text, size, date, etag }: Said,
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
  return decodePercent(text.replaceAll('+', ' '))
}
