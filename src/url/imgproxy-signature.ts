import { createHmac, timingSafeEqual } from 'node:crypto'

/** A key and its salt, as bytes. */
export interface ImgproxyKey {
  readonly key: Uint8Array
  readonly salt: Uint8Array
}

/** The unpadded base64url of the first `size` bytes of HMAC-SHA256(key, salt path); `path` begins with "/". */
export const signImgproxyPath = (path: string, { key, salt }: ImgproxyKey, size: number): string =>
  createHmac('sha256', key).update(salt).update(path).digest().subarray(0, size).toString('base64url')

/** Whether a signature is valid under any of the keys; takes the same time for all. */
export const isImgproxySignature = (
  signature: string,
  path: string,
  { keys, size }: { readonly keys: readonly ImgproxyKey[]; readonly size: number },
): boolean => {
  const given = Buffer.from(signature)
  return keys
    .map((key) => {
      const right = Buffer.from(signImgproxyPath(path, key, size))
      return given.length === right.length && timingSafeEqual(given, right)
    })
    .includes(true)
}
