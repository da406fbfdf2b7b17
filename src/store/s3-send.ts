import { isUnreadable } from '../aws/service-error.ts'

const READINGS = 3

/**
 * Sends a request that may be sent twice, and sends it again where the answer cannot be read. Where an answer in chunks
 * breaks off, the SDK takes it for complete, finds that its XML has no end, and does not try again by itself.
 */
export const sendAgain = async <T>(send: () => Promise<T>): Promise<T> => {
  for (let reading = 1; ; reading++)
    try {
      return await send()
    } catch (error) {
      if (reading === READINGS || !isUnreadable(error)) throw error
    }
}
