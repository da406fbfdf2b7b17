import type { TestProject } from 'vitest/node'
import { type S3User, startCeph } from './ceph.ts'

/** The S3 server of this run, as tests get it by `inject('s3')`. */
export interface TestS3 {
  readonly endpoint: string
  readonly owner: S3User
  /** Absent on a server that is not ours. */
  readonly stranger?: S3User
}

declare module 'vitest' {
  export interface ProvidedContext {
    s3: TestS3
  }
}

/** Runs once before all tests; what it returns runs once after them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const foreign = findForeignServer()
  if (foreign !== undefined) {
    provide('s3', foreign)
    return async () => {}
  }
  const { endpoint, owner, stranger, stop } = await startCeph()
  provide('s3', { endpoint, owner, stranger })
  return stop
}

/** The server that `IMGSIZES_TEST_S3_ENDPOINT` names, with the SDK's usual credential variables. */
const findForeignServer = (): TestS3 | undefined => {
  const endpoint = process.env.IMGSIZES_TEST_S3_ENDPOINT
  if (endpoint === undefined || endpoint === '') return undefined
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  if (!accessKeyId || !secretAccessKey)
    throw new Error(
      'IMGSIZES_TEST_S3_ENDPOINT is set; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be, too',
    )
  return { endpoint, owner: { accessKeyId, secretAccessKey } }
}
