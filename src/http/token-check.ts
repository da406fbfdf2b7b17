import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether a text is the token. Digests are compared, in constant time whatever the lengths. */
export const createTokenCheck = (token: string): ((given: string) => boolean) => {
  const wanted = digest(token)
  return (given) => timingSafeEqual(digest(given), wanted)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
