import type { Food } from './mutate.ts'

/** A reader of bytes that somebody else has written. */
export interface Target extends Food {
  readonly name: string
  /** Reads them, and uses what it has read; a Problem is an answer, any other error a mistake. */
  readonly read: (bytes: Uint8Array) => unknown
  /** Errors beside Problems that are answers. */
  readonly isAnswer?: (error: unknown) => boolean
  /** Inputs in `npm test`, where the usual number would take too long or is soon done. */
  readonly runs?: number
  /** Ends what `read` has opened. */
  readonly close?: () => Promise<void>
}

/** A target that reads text. Bytes that are no UTF-8 come as characters of one byte each, as in a request's head. */
export const textTarget = (
  target: Omit<Target, 'read'> & { readonly read: (text: string) => unknown },
): Target => ({ ...target, read: (bytes) => target.read(toText(bytes)) })

const toText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}

/** A law that does not hold. */
export const expectLaw = (holds: boolean, law: string): void => {
  if (!holds) throw new Error(`It does not hold that ${law}.`)
}

export async function* inChunks(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
