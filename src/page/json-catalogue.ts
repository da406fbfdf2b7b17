import { Problem } from '../core/problem.ts'
import type { Catalogue, PageSize } from './catalogue.ts'
import { type Origins, toSource } from './find-source.ts'
import { type Images, openImages } from './images.ts'
import {
  type ImageJson,
  type ImagesFile,
  isImagesJson,
  listTransforms,
  readFacts,
  type SizeJson,
} from './images-json.ts'

/** What is known besides images.json. */
export interface CreateImagesOptions {
  /**
   * The URLs of originals: what a URL begins with, and what the source key then begins with, "" or
   * the name of a source with "/".
   */
  readonly origins?: Origins
}

/** URLs and markup from images.json, without a secret; from several files if it was split. Problem `images-invalid`. */
export const createImages = (
  images: ImagesFile | readonly ImagesFile[],
  options: CreateImagesOptions = {},
): Images => openImages(openImagesJson(images, options))

/** images.json in the form that markup is made from. */
export const openImagesJson = (
  given: ImagesFile | readonly ImagesFile[],
  { origins = {} }: CreateImagesOptions = {},
): Catalogue => {
  const all = [given].flat()
  const files = all.filter(isImagesJson)
  const [first] = files
  if (first === undefined || files.length < all.length)
    throw new Problem(
      'images-invalid',
      'This is not an images.json that this version of imgsizes can read.',
      { hint: 'Write it with imgsizes build --images images.json.' },
    )
  const find = (source: string): ImageJson | undefined =>
    files.find(({ images }) => Object.hasOwn(images, source))?.images[source]
  const texts = listTransforms(first)
  const sizes = Object.entries(first.sizes).map(readSize)
  return {
    sizes,
    baseUrl: first.baseUrl,
    formats: first.formats,
    ...(first.vector && { vector: { text: first.vector.transform, transform: first.vector.parsed } }),
    hasVersions: first.versions,
    parseTransform: (text) =>
      sizes.flatMap(({ transforms }) => transforms).find((each) => each.text === text)?.transform,
    toSource: (text) => toSource(text, origins),
    factsOf: (source) => {
      const image = find(source)
      return image && readFacts(image)
    },
    overrideOf: (source) => find(source)?.[9],
    sign: (source, transformText) => {
      const image = find(source)
      const text = transformText.replace(/\.v-[0-9a-f]{10}$/, '')
      const signature =
        image?.[9]?.signed?.[text] ?? image?.[7].match(/~|[^~]{16}/g)?.[texts.indexOf(text)] ?? '~'
      return signature === '~' ? notSigned(source, transformText, image !== undefined) : signature
    },
    linkQuery: (_, expires) => (expires === undefined && first.expiring !== true ? '' : noSecret()),
  }
}

const readSize = ([name, size]: [string, SizeJson]): PageSize => {
  const { transforms, parsed, densities, formats, sizes, draws } = size
  const spelled = parsed.map((transform, index) => {
    const [text = '', density = 1] = [transforms[index], densities?.[index]]
    return { transform, text, density }
  })
  return { name, transforms: spelled, formats, sizes, draws }
}

const noSecret = (): never => {
  throw new Problem('link-not-signed', 'images.json has no secret, so it cannot sign a link that expires.', {
    hint: "Make such links where the secret is: with createImages of 'imgsizes'.",
  })
}

const notSigned = (source: string, transformText: string, isKnown: boolean): never => {
  throw new Problem(
    'url-not-signed',
    isKnown
      ? `images.json has no signature for ${transformText} of ${source}.`
      : `images.json does not know ${source}.`,
    {
      subject: source,
      hint: isKnown
        ? 'Use a configured size that is made from this source, and write images.json again.'
        : 'Check the path, and write images.json again: imgsizes build --images images.json.',
    },
  )
}
