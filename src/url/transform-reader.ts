import { placeAt } from '../core/override.ts'
import { parsePosition } from '../core/position.ts'
import { parseTransform, type Transform } from '../core/transform.ts'

/** A transform, and the text that it was read from. */
export interface ReadTransform {
  readonly transform: Transform
  readonly transformText: string
}

/**
 * Reads transforms as `parseTransform` does, of many keys in a row. These repeat few texts, and each is then the same
 * string object every time, which makes comparing and hashing it cheap (`result-map.ts`). A focus or a version, however,
 * is mostly of one source: only what stands around them is remembered.
 */
export const createTransformReader = (): ((text: string) => ReadTransform | undefined) => {
  const read = remember((transformText) => {
    const transform = parseTransform(transformText)
    return transform && { transform, transformText }
  }, 1_000)
  return (text) => {
    const version = text.at(-VERSION_LENGTH) === '.' ? VERSION.exec(text)?.[1] : undefined
    const unversioned = version === undefined ? text : text.slice(0, -VERSION_LENGTH)
    const place = unversioned.indexOf('.focus-')
    if (version === undefined && place === -1) return read(text)
    const transform = place === -1 ? read(unversioned)?.transform : readFocused(unversioned, place, read)
    if (transform === undefined || transform.version !== undefined) return undefined
    return { transform: version === undefined ? transform : { ...transform, version }, transformText: text }
  }
}

const VERSION = /\.v-([0-9a-f]{10})$/
const VERSION_LENGTH = '.v-0123456789'.length

/** `place`: where a focus begins. Only behind the fit, the second dot, is it the position. */
const readFocused = (
  text: string,
  place: number,
  read: (text: string) => ReadTransform | undefined,
): Transform | undefined => {
  const end = text.indexOf('.', place + 1)
  const position = parsePosition(text.slice(place + 1, end))
  const around = read(text.slice(0, place) + text.slice(end))?.transform
  if (around === undefined || typeof position !== 'object') return undefined
  const { resize } = around
  if ('position' in resize || text.indexOf('.', text.indexOf('.') + 1) !== place) return undefined
  const placed = placeAt(resize, position)
  return placed === resize ? undefined : { ...around, resize: placed }
}

/** The same function with a memory of its last answers, up to `most`. */
export const remember = <T>(parse: (text: string) => T, most: number): ((text: string) => T) => {
  const known = new Map<string, T>()
  return (text) => {
    const answer = known.get(text)
    if (answer !== undefined) return answer
    const found = parse(text)
    if (known.size >= most) known.clear()
    known.set(text, found)
    return found
  }
}
