import { isUnreadable } from '../aws/service-error.ts'

const READINGS = 3

/**
 * Sends what may be sent twice, again where the answer cannot be read. Of one that comes in chunks and breaks off the SDK
 * takes what came for all of it, finds that its XML has no end, and does not try again by itself.
 */
export const sendAgain = async <T>(send: () => Promise<T>): Promise<T> => {
  for (let reading = 1; ; reading++)
    try {
      return await send()
    } catch (error) {
      if (reading === READINGS || !isUnreadable(error)) throw error
    }
}
