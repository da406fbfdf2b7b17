import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/core/problem.ts'
import { isNoKey, isSurelyNoKey, sendAgain, toS3Problem } from '../../src/store/s3-errors.ts'
import { words } from '../support/words.ts'

/** As the SDK throws what a service has answered. */
const refusal = (name: string, httpStatusCode: number, message = 'no'): Error =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } })

const toProblem = (error: unknown): Problem =>
  toS3Problem(error, { place: 's3://a/', permission: 's3:PutObject', key: 'b.jpg' }) as Problem

describe('what S3 answers', () => {
  test.each([
    [
      'store-credentials',
      'CredentialsProviderError TokenProviderError InvalidAccessKeyId SignatureDoesNotMatch InvalidToken ExpiredToken ExpiredTokenException TokenRefreshRequired InvalidClientTokenId UnrecognizedClientException InvalidSecurity RequestTimeTooSkewed',
      [400, 401, 403],
    ],
    [
      'store-region',
      'PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException',
      [400],
    ],
    ['store-region', 'Other', [301, 302, 307, 308]],
    ['store-denied', 'AccessDenied', [401, 403]],
    [
      'store-unavailable',
      'SlowDown ServiceUnavailable InternalError RequestTimeout RequestThrottled Throttling ThrottlingException',
      [200, 400],
    ],
    ['store-unavailable', 'Other', [429, 500, 502, 503, 504]],
    ['store-unsupported', 'NotImplemented', [501]],
    ['store-full', 'QuotaExceeded XMinioStorageFull InsufficientStorage', [400, 403, 507]],
    ['store-full', 'Other', [507]],
    ['store-missing', 'NoSuchBucket', [404]],
    ['store-refused', 'InvalidArgument', [400, 404, 409]],
    ['store-refused', 'EntityTooLarge Other', [413]],
    ['store-refused', 'EntityTooLarge', [400, 403]],
  ] as const)('is %s for %s', (code, names, statuses) => {
    for (const name of words(names))
      for (const status of statuses)
        expect([name, status, toProblem(refusal(name, status)).code]).toEqual([name, status, code])
  })

  test.each([
    ['AccessControlListNotSupported', '', /its ACLs disabled/],
    ['MissingContentMD5', '', /checksums=supported/],
    ['InvalidRequest', 'Missing required header: x-amz-checksum-crc32', /checksums=supported/],
    ['InvalidRequest', 'Content-MD5 OR x-amz-… required', /checksums=supported/],
    ['InvalidArgument', '', /Check the settings/],
  ])('says for %s "%s" what to do', (name, message, hint) => {
    expect(toProblem(refusal(name, 400, message)).hint).toMatch(hint)
  })

  test('says of an object that is too large which limit to raise', () => {
    for (const [name, status] of [
      ['EntityTooLarge', 400],
      ['Unknown', 413],
    ] as const)
      expect(toProblem(refusal(name, status))).toMatchObject({
        message: expect.stringContaining('is larger than the store, or a proxy in front of it, accepts'),
        hint: expect.stringContaining('client_max_body_size'),
      })
  })

  test('names the object, and no request', () => {
    const { message, subject, cause } = toProblem(Object.assign(refusal('Other', 400), { $response: {} }))
    expect({ message, subject }).toEqual({ message: '"b.jpg" in s3://a/: no (Other)', subject: 'b.jpg' })
    expect(cause).toMatchObject({ name: 'Other', message: 'no' })
    expect(cause).not.toHaveProperty('$response')
    expect(toProblem(refusal('NotImplemented', 501)).message).toContain('does not support PutObject')
  })

  test('says the status where there is no code, as for a HEAD', () => {
    const messages = ['Unknown', 'UnknownError', 'SlowDown'].map(
      (name) => toProblem(refusal(name, 503)).message,
    )
    expect(messages.map((message) => /\((.*)\)/.exec(message)?.[1])).toEqual([
      'HTTP 503',
      'HTTP 503',
      'SlowDown',
    ])
  })

  test('tells a missing key from a missing bucket', () => {
    const [key, bucket, head] = [
      refusal('NoSuchKey', 404),
      refusal('NoSuchBucket', 404),
      refusal('NotFound', 404),
    ]
    expect([key, bucket, head, refusal('Other', 403)].map(isNoKey)).toEqual([true, false, true, false])
    expect([key, bucket, head].map(isSurelyNoKey)).toEqual([true, false, false])
  })
})

describe('where S3 does not answer', () => {
  test.each([
    ['store-timeout', { name: 'TimeoutError' }],
    ['store-timeout', { name: 'TimeoutError', code: 'ETIMEDOUT' }],
    ['store-unavailable', { name: 'TimeoutError', code: 'ECONNRESET' }],
    ['store-unavailable', { name: 'TimeoutError', code: 'EPIPE' }],
    ['store-unavailable', { code: 'ECONNRESET', $metadata: { httpStatusCode: 404 } }],
    ['store-unavailable', { code: 'ECONNREFUSED' }],
    ['store-unavailable', { code: 'EAI_AGAIN' }],
    ['store-unavailable', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
    ['store-unavailable', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }],
    ['store-unavailable', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
    ['store-unavailable', { $metadata: {} }],
    ['store-unavailable', { $response: {} }],
  ])('it is %s for %o', (code, facts) => {
    expect(toProblem(Object.assign(new Error('no'), facts)).code).toBe(code)
  })

  test.each([{}, { name: 'AbortError' }, { code: 'ERR_INVALID_ARG_TYPE' }])(
    'it is a bug or an abort for %o',
    (facts) => {
      const error = Object.assign(new Error('no'), facts)
      expect(toProblem(error)).toBe(error)
    },
  )

  test('an answer that cannot be read is asked for twice more', async () => {
    const answersOf = async (facts: object) => {
      let asked = 0
      const answer = sendAgain(async () => {
        asked++
        throw Object.assign(new Error('no'), facts)
      })
      await expect(answer).rejects.toThrow('no')
      return asked
    }
    expect([await answersOf({ $response: {} }), await answersOf({ code: 'ECONNRESET' })]).toEqual([3, 1])
  })
})
