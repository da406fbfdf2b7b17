import { foldDensity } from './density.ts'
import { formatOperations, type Operations, parseOperations } from './operations.ts'
import { formatResize, type Resize, readResize } from './resize.ts'

/**
 * The transform: what a result shows, as a value and as its one canonical spelling (docs/reference/contracts.md).
 *
 *     transform = size *( "." option )
 *     option    = fit | position | operations | background | quality | version    in this order, each at most once
 */

export {
  COMPASS_POINTS,
  type CoverPosition,
  type Focus,
  isFocus,
  toCoverPosition,
} from './position.ts'
export { MAX_SIDE, type Resize } from './resize.ts'

/** Everything about a result except its source and format. */
export interface Transform extends Operations {
  readonly resize: Resize
  /** Six lower-case hex digits, RGB; shown behind transparency and in padding. */
  readonly background?: string
  /** 1..100: how good it looks, measured on mozjpeg's scale. */
  readonly quality: number
  /** Ten lower-case hex digits; only where versions are on. */
  readonly version?: string
}

/** The transform that `text` spells; undefined for anything else, also for another spelling of the same. */
export const parseTransform = (text: string): Transform | undefined => {
  const match = GRAMMAR.exec(text)
  if (match?.groups === undefined) return undefined
  const { full, width, height, box, fit, position, background, quality, version } = match.groups
  const resize = readResize({ full, width, height, box, fit, position })
  const operations = parseOperations(match.groups.operations ?? '')
  if (resize === undefined || operations === undefined) return undefined
  const transform = {
    resize,
    ...operations,
    ...(background !== undefined && { background }),
    quality: Number(quality),
    ...(version !== undefined && { version }),
  }
  // A density that can be multiplied in must be: there is only one spelling.
  return operations.dpr === undefined || foldDensity(transform) === transform ? transform : undefined
}

/** The canonical spelling of a transform: the inverse of {@link parseTransform}. */
export const formatTransform = (transform: Transform): string => {
  const { resize, background, quality, version } = transform
  let text = formatResize(resize) + formatOperations(transform)
  if (background !== undefined) text += `.bg-${background}`
  text += `.q${quality}`
  if (version !== undefined) text += `.v-${version}`
  return text
}

/** The same transform for one version of its source; `version` is undefined where versions are off. */
export const withVersion = ({ version: _, ...rest }: Transform, version: string | undefined): Transform =>
  version === undefined ? rest : { ...rest, version }

const SIDE = '[1-9][0-9]{0,4}'
const GRAMMAR = new RegExp(
  `^(?:(?<full>full)|(?<width>${SIDE})w|(?<height>${SIDE})h|(?<box>${SIDE}x${SIDE}))` +
    '(?:\\.(?<fit>cover|inside|contain|fill|stretch|auto|down|clip))?' +
    '(?:\\.(?<position>(?:top|bottom)(?:-left|-right)?|left|right|attention|focus-[0-9]{1,4}-[0-9]{1,4}))?' +
    '(?<operations>(?:\\.(?:enlarge|(?:rotate|flip|crop|trim|pad|blur|sharpen|pixelate|dpr|max|wm)-[a-z0-9-]+))*)' +
    '(?:\\.bg-(?<background>[0-9a-f]{6}))?' +
    '\\.q(?<quality>100|[1-9][0-9]?)' +
    '(?:\\.v-(?<version>[0-9a-f]{10}))?$',
)
