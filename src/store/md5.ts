import { createHash } from 'node:crypto'

/** Lower-case hex. */
export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
