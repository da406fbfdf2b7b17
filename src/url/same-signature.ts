import { timingSafeEqual } from 'node:crypto'

/** Whether a signature is one of the right ones. All are compared, so that the time does not tell which one is. */
export const isOneOf = (signature: string, rights: readonly string[]): boolean => {
  const given = Buffer.from(signature)
  return rights
    .map((right) => given.length === right.length && timingSafeEqual(given, Buffer.from(right)))
    .includes(true)
}
