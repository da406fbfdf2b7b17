import { hash } from 'node:crypto'

/** The MD5 of bytes in lower-case hex. */
export const md5 = (bytes: Uint8Array): string => hash('md5', bytes)
