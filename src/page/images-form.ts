import { type Form, having, isNumber, isObject, isText, listOf, maybe, startingWith } from '../core/json.ts'
import { largestSize } from '../core/preparation.ts'
import type { Transform } from '../core/transform.ts'
import type { ImageJson, ImagesFile, ImagesJson, SizeJson } from './images-json.ts'

/** Whether all parts of a file are as {@link formatImageJson} and the code around it write them. */
export const isWholeImagesJson = (file: unknown): file is ImagesFile & ImagesJson => isFile(file)

/** A transform that a layout can be computed from. */
const isTransform: Form = (value) => {
  try {
    const { width, height } = largestSize(value as Transform, { width: 9, height: 7 })
    return isNumber(width) && isNumber(height)
  } catch {
    return false
  }
}

/** A text that can be a part of a key. */
const isWord: Form = (value) => isText(value) && /^[a-z0-9.-]+$/.test(value)

const hasForms = having({
  transforms: listOf(isWord),
  parsed: listOf(isTransform),
  densities: maybe(listOf(isNumber)),
  formats: maybe(listOf(isWord)),
  sizes: maybe(isText),
}) as (value: unknown) => value is SizeJson

const isSize: Form = (value) =>
  hasForms(value) && value.parsed.length > 0 && value.parsed.length === value.transforms.length

/** Type, version, ThumbHash, colour, focus, signatures; and formats, where their order differs. */
const TEXTS = new RegExp(
  '^[a-z0-9]*[*+]* (?:[0-9a-f]{10})? (?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]|=)=)? ' +
    '(?:[0-9a-f]{6})? (?:[0-9]+-[0-9]+)? (?:~|[A-Za-z0-9_-]{16})*(?: [a-z]*)*$',
)
const recordOf =
  (form: Form): Form =>
  (value) =>
    isObject(value) && Object.values(value).every(form)

const isOverride = maybe(
  having({ alt: maybe(isText), texts: maybe(recordOf(listOf(isWord))), signed: maybe(recordOf(isText)) }),
)
const hasImageForms = startingWith(isNumber, isNumber, isText, isText, isText, isText, isText, isText) as (
  value: unknown,
) => value is ImageJson

const isImage: Form = (image) =>
  hasImageForms(image) &&
  image[0] > 0 &&
  image[1] > 0 &&
  TEXTS.test(image.slice(2, 9).join(' ')) &&
  isOverride(image[9])

const isFile = having({
  imgsizes: (value) => value === 'images',
  version: (value) => value === 1,
  baseUrl: isText,
  formats: listOf(isWord),
  sizes: recordOf(isSize),
  vector: maybe(having({ transform: isWord, parsed: isTransform })),
  images: recordOf(isImage),
})
