import { createHash } from 'node:crypto'

/** The MD5 of bytes in lower-case hex. */
export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
