import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { inject } from 'vitest'
import type { S3User } from './ceph.ts'
import type { TestS3 } from './global-setup.ts'

/** The S3 server of this run. */
export const testS3 = (): TestS3 => inject('s3')

/** Its URL. */
export const s3Endpoint = (): string => testS3().endpoint

/** Settings of a store on the server of this run, as an S3 URI's query would say them. */
export const s3Settings = () => ({ endpoint: s3Endpoint(), region: 'us-east-1', forcePathStyle: true })

/** Puts `user` where the SDK's credential chain looks first; undoes it with what it returns. */
export const useCredentials = (user: S3User): (() => void) => {
  const { AWS_ACCESS_KEY_ID: before, AWS_SECRET_ACCESS_KEY: secretBefore } = process.env
  process.env.AWS_ACCESS_KEY_ID = user.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = user.secretAccessKey
  return () => {
    if (before === undefined) delete process.env.AWS_ACCESS_KEY_ID
    else process.env.AWS_ACCESS_KEY_ID = before
    if (secretBefore === undefined) delete process.env.AWS_SECRET_ACCESS_KEY
    else process.env.AWS_SECRET_ACCESS_KEY = secretBefore
  }
}

/** A bare client of the owner's: for what a store cannot do. */
export const openS3Client = (): S3Client =>
  new S3Client({
    ...s3Settings(),
    credentials: testS3().owner,
    // Not every server knows the SDK's checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })

/**
 * A new bucket whose name begins with `name`, a few lower-case letters; one for each test file. Also makes the
 * owner's credentials those of this process, for stores and for commands run by the test.
 */
export const createBucket = async (name: string): Promise<string> => {
  useCredentials(testS3().owner)
  const bucket = `imgsizes-test-${name}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`
  const client = openS3Client()
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  return bucket
}
