import { times } from '../core/dense-layout.ts'
import { isVectorSource } from '../core/format.ts'
import type { PictureSize, Size } from '../core/geometry.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Resize } from '../core/transform.ts'
import type { Catalogue, PageSize } from './catalogue.ts'

/** Whether pages show a source as a vector where they ask for this size of it. */
export const showsVector = (
  { vector }: Pick<Catalogue, 'vector'>,
  source: SourceKey,
  size: Pick<PageSize, 'draws'>,
): boolean => vector !== undefined && !size.draws && isVectorSource(source)

/**
 * The size as it is shown of a source. A source that is kept as a vector has one result, the same for every size, which
 * the page shows as large as the drawing, but no larger than the size. Unchanged where `picture` is undefined.
 */
export const toShownSize = (
  catalogue: Pick<Catalogue, 'vector'>,
  source: SourceKey,
  { size, picture }: { readonly size: PageSize; readonly picture?: PictureSize | undefined },
): PageSize => (showsVector(catalogue, source, size) ? toVectorSize(catalogue, size, picture) : size)

/** The same, whether or not the size draws. */
export const toVectorSize = (
  { vector }: Pick<Catalogue, 'vector'>,
  { name, transforms }: PageSize,
  picture?: PictureSize,
): PageSize => {
  if (vector === undefined) throw new Error('vectors are not kept')
  const { quality } = vector.transform
  const [least] = transforms
  const largest = transforms.findLast(({ density }) => density === least?.density) ?? least
  const resize: Resize =
    picture === undefined || largest === undefined
      ? { kind: 'full' }
      : { kind: 'fill', ...fitWithin(picture, largest) }
  return {
    name,
    formats: ['svg'],
    transforms: [{ transform: { resize, quality }, text: vector.text, density: 1 }],
  }
}

/** A picture's own size, reduced where it would not fit into what a transform asks for. */
const fitWithin = (
  picture: Size,
  { transform: { resize }, density }: PageSize['transforms'][number],
): Size => {
  const width = 'width' in resize ? resize.width / density : Infinity
  const height = 'height' in resize ? resize.height / density : Infinity
  const factor = Math.min(1, width / picture.width, height / picture.height)
  return times(picture, factor)
}
