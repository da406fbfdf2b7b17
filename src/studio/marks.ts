import type { PictureView } from '../app/studio/protocol.ts'
import type { Focus } from '../core/position.ts'

/** What is shown on a picture in one form: `found` is the point of `attention`. */
interface Marks {
  readonly kind: 'found' | 'salient' | 'face'
  readonly legend: string
  readonly places: readonly Place[]
}

/** A point, or a box by its middle, in per mille. */
interface Place extends Focus {
  readonly width?: number
  readonly height?: number
  readonly words: string
}

/** Where `attention` goes, and what it goes by. */
export const listMarks = ({ saliency, faces }: NonNullable<PictureView['subjects']>): readonly Marks[] => {
  const pointOf = (kind: 'found' | 'salient', focus: Focus, legend: string): Marks => ({
    kind,
    legend,
    places: [{ ...focus, words: `${legend}: ${placeWords(focus)}` }],
  })
  if (faces === undefined)
    return [pointOf('found', saliency, 'attention: what stands out, as the file marks no face')]
  const count = faces.regions.length
  const names = faces.regions.flatMap(({ name }) => name ?? []).join(', ')
  return [
    {
      kind: 'face',
      legend: `${count === 1 ? 'a face' : `${count} faces`} that the file marks${names && `: ${names}`}`,
      places: faces.regions.map(({ name, ...box }, place) => ({
        ...box,
        words: `face ${place + 1} of ${count}${name ? `, ${name}` : ''}: ${placeWords(box)}`,
      })),
    },
    pointOf('salient', saliency, 'what stands out: attention would go there if no face were marked'),
    pointOf('found', faces.focus, `attention: the middle of ${count === 1 ? 'the face' : 'the faces'}`),
  ]
}

/** The point that `attention` keeps. */
export const attentionOf = ({ subjects }: Pick<PictureView, 'subjects'>): Focus | undefined =>
  subjects?.faces?.focus ?? subjects?.saliency

/** A place for people. */
export const placeWords = ({ x, y }: Focus): string =>
  `${percent(x)} from the left, ${percent(y)} from the top`

const percent = (perMille: number): string => `${(perMille / 10).toFixed(0)} %`
