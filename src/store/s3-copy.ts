import { CopyObjectCommand, type CopyObjectCommandInput } from '@aws-sdk/client-s3'
import { serviceStatusOf } from '../aws/service-error.ts'
import { isSameMark } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import { PRIVATE_SEGMENT } from '../core/source-key.ts'
import { encodePath } from '../url/path.ts'
import type {
  CopyOptions,
  ObjectHeaders,
  PutOptions,
  PutResult,
  StoredObject,
  WritableStore,
} from './port.ts'
import { sendAgain, toS3Problem } from './s3-errors.ts'
import { markOf, type OpenBucket } from './s3-list.ts'

interface S3CopyParts {
  readonly place: OpenBucket
  readonly reader: Pick<WritableStore, 'head' | 'get'>
  readonly put: (key: string, bytes: Uint8Array, options: PutOptions) => Promise<PutResult>
  /** Everything that is sent with a written object, except its bytes. */
  readonly objectOf: (
    key: string,
    headers: ObjectHeaders,
    md5?: string,
  ) => Omit<CopyObjectCommandInput, 'CopySource'>
  readonly deleteOne: (key: string) => Promise<unknown>
}

const PERMISSIONS = 's3:GetObject and s3:PutObject'

/** No object has this ETag. */
const NEVER = '"imgsizes-never"'

/** The target of a test copy: it appears only if the store ignores a condition that does not hold. */
const TRIAL_KEY = `${PRIVATE_SEGMENT}/copy-trial`

/**
 * Copies only the version that the caller has looked at. Where the store respects `x-amz-copy-source-if-match`, which
 * is tried once, it copies by itself; otherwise the bytes are read and written here. Without the condition, a build
 * could copy what another one has just replaced, and record of the new bytes what was true of the old ones.
 */
export const createS3Copy = (parts: S3CopyParts): WritableStore['copy'] => {
  const { place, reader, put, objectOf, deleteOne } = parts
  const { client, bucket, prefix } = place
  let heedsConditions: Promise<boolean> | undefined

  const send = (
    from: string,
    to: Omit<CopyObjectCommandInput, 'CopySource'>,
    etag: string,
    signal?: AbortSignal,
  ) => {
    const command = new CopyObjectCommand({
      ...to,
      // The header holds a path: `+` would be read as a space.
      CopySource: encodePath(`${bucket}/${prefix}${from}`),
      CopySourceIfMatch: etag,
      MetadataDirective: 'REPLACE',
    })
    return sendAgain(() => client.send(command, signal ? { abortSignal: signal } : {}))
  }

  const tryConditions = async (from: string, headers: ObjectHeaders): Promise<boolean> => {
    try {
      await send(from, objectOf(TRIAL_KEY, headers), NEVER)
    } catch (error) {
      if (serviceStatusOf(error) === 412) return true
      if (UNKNOWING.has(serviceStatusOf(error) ?? 0)) return false
      throw error
    }
    try {
      await deleteOne(TRIAL_KEY)
    } catch (error) {
      if (!(error instanceof Problem)) throw error // without the right to delete, one may still copy
    }
    return false
  }

  const copyThroughHere = async (
    from: string,
    to: string,
    { mark, headers, signal }: CopyOptions,
  ): Promise<StoredObject | undefined> => {
    const object = await reader.get(from, { signal })
    if (object === undefined || !isSameMark(object.mark, mark)) return undefined
    const result = await put(to, object.bytes, { headers, signal })
    return result.kind === 'stored' ? result.object : undefined
  }

  const copyInStore = async (
    from: string,
    to: string,
    { mark, headers, signal }: CopyOptions,
  ): Promise<StoredObject | 'refused' | undefined> => {
    const source = await reader.head(from, { signal })
    if (source === undefined || !isSameMark(source.mark, mark)) return undefined
    heedsConditions ??= tryConditions(from, headers).catch((error: unknown) => {
      heedsConditions = undefined
      throw error
    })
    if (!(await heedsConditions)) return 'refused'
    const { CopyObjectResult: copied } = await send(
      from,
      objectOf(to, headers, source.md5),
      `"${mark}"`,
      signal,
    )
    // Taken from this answer: a later look may show what another writer has stored since.
    const shown = markOf(copied?.ETag)
    return {
      key: to,
      sizeBytes: source.sizeBytes,
      modifiedAt: copied?.LastModified?.getTime() ?? 0,
      mark: shown,
    }
  }

  return async (from, to, options) => {
    const { mark, signal } = options
    try {
      const copied = await copyInStore(from, to, options)
      return copied === 'refused' ? await copyThroughHere(from, to, options) : copied
    } catch (error) {
      signal?.throwIfAborted()
      const status = serviceStatusOf(error)
      if (status === 404 || status === 412) {
        const source = await reader.head(from, { signal })
        if (source === undefined || !isSameMark(source.mark, mark)) return undefined
        // Some stores refuse the ETag that they show themselves, weak ones for example, or do not find the object
        // whose name is encoded.
        return copyThroughHere(from, to, options)
      }
      throw toS3Problem(error, { place: place.place, permission: PERMISSIONS, key: to })
    }
  }
}

/** Statuses of stores that do not know the header: bad request, method not allowed, not implemented. */
const UNKNOWING = new Set([400, 405, 501])
