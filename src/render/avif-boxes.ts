/** One box of ISO/IEC 14496-12; its body is a part of the file's own memory. */
export interface Box {
  readonly type: string
  readonly body: Buffer
}

/** Version and flags, with which the bodies of many boxes begin. */
export const FULL_BYTES = 4

/** The boxes one after the other; throws a RangeError where one is shorter or longer than it can be. */
const walkBoxes = function* (bytes: Buffer): Generator<Box> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + bytes.readUInt32BE(at)
    // 0 and 1 are other ways to say a size.
    if (end < at + 8 || end > bytes.length) throw new RangeError(`no box at ${at}`)
    yield { type: textOf(bytes, at + 4, at + 8), body: bytes.subarray(at + 8, end) }
    at = end
  }
}

/** All boxes; throws as {@link walkBoxes} does. */
export const listBoxes = (bytes: Buffer): readonly Box[] => [...walkBoxes(bytes)]

/** The parts that describe a picture, or none. */
export const listMetaParts = (file: Buffer): readonly Box[] => {
  for (const { type, body } of walkBoxes(file))
    if (type === 'meta') return listBoxes(body.subarray(FULL_BYTES))
  return []
}

/** The characters from one position to another. */
export const textOf = (bytes: Buffer, from: number, to?: number): string => bytes.toString('latin1', from, to)
