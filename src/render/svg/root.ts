import { type Attribute, formatAttribute } from './markup.ts'
import { readViewBox, type SvgSize } from './size.ts'
import { listSheets } from './styled.ts'

/** With a longer side, librsvg draws nothing, however small the result. */
export const LONGEST_SIDE = 16_383
/** Sides that are no whole pixels are enlarged to about this length, so that rounding loses nothing. */
const FINE_SIDE = 4_000

/** The dots per inch of browsers, for drawings with inches in them. For others, librsvg's own 72 gives whole pixels. */
export const DENSITY = 96
/** libvips draws this many times larger with them: a side of three pixels has four. */
const ENLARGED = DENSITY / 72

/**
 * The opaque colour that its style puts behind everything, as drawing programs do; others are left out. `drawing`: the whole,
 * for its style sheets.
 */
export const findBackground = (drawing: string, style = ''): string | undefined => {
  const rules = listSheets(drawing).flatMap((sheet) => [...sheet.matchAll(ROOT_RULE)].map(([, rule]) => rule))
  const told = [...rules, style]
    .flatMap((rules = '') => [...rules.matchAll(/(?:^|;)\s*background(?:-color)?\s*:\s*([^;]+)/gi)])
    .at(-1)?.[1]
    ?.trim()
  return told !== undefined && OPAQUE.test(told) ? told : undefined
}

const ROOT_RULE = /(?:^|[\s}>,;])(?:svg|:root)\s*\{([^{}<>]*)\}/g

/** In hexadecimal digits, in numbers, or one of HTML's sixteen names. */
const OPAQUE =
  /^(?:#[\da-f]{3}|#[\da-f]{6}|rgb\(\s*\d+[\s,]+\d+[\s,]+\d+\s*\)|aqua|black|blue|fuchsia|gray|green|lime|maroon|navy|olive|purple|red|silver|teal|white|yellow)$/i

/**
 * The attributes of the outermost element, with the font size of browsers (librsvg's is 12), and with sides that librsvg
 * reads as browsers do: for it, an inch has 72 pixels, and pixels are whole. Without sides and view box, librsvg would show
 * only what is drawn on, however small and wherever it is.
 */
export const toDrawnRoot = (
  given: readonly Attribute[],
  size: SvgSize,
  hasInches: boolean,
): readonly Attribute[] => {
  const root = given.some(({ name }) => name === 'font-size') ? given : [...given, FONT_SIZE]
  const longest = Math.max(size.width, size.height)
  const isWhole = Number.isInteger(size.width) && Number.isInteger(size.height) && longest <= LONGEST_SIDE
  const factor = isWhole && !hasInches ? 1 : FINE_SIDE / longest
  const step = hasInches ? 4 : 1
  const toSide = (side: number): string => {
    const pixels = Math.max(1, Math.round((side * factor) / step)) * step
    return String(hasInches ? pixels / ENLARGED : pixels)
  }
  const viewBox = root.find(({ name }) => name === 'viewBox')?.value ?? `0 0 ${size.width} ${size.height}`
  const box = readViewBox(viewBox)
  const isFilled = box && Math.abs((box.width * size.height) / (box.height * size.width) - 1) < SAME_SHAPE
  return [
    ...root.filter(({ name }) => !REPLACED.has(name) && !(isFilled && name === FILLED.name)),
    { name: 'width', value: toSide(size.width) },
    { name: 'height', value: toSide(size.height) },
    { name: 'viewBox', value: viewBox },
    ...(isFilled ? [FILLED] : []),
  ]
}

/**
 * A drawing that its outermost element turns or mirrors as a whole, as an element inside another: browsers do it around the
 * middle, librsvg around the corner, where nothing is left to see. `opening` has two groups. Undefined for any other.
 */
export const findTurned = (
  given: readonly Attribute[],
  { width, height }: SvgSize,
): { readonly opening: string; readonly inner: readonly Attribute[] } | undefined => {
  const told = (wanted: string): string | undefined => given.find(({ name }) => name === wanted)?.value
  const style = told('style') ?? ''
  const own = TRANSFORM.exec(style)?.[1]
  const transform = own === undefined ? told('transform') : `transform:${own}`
  if (transform === undefined) return undefined
  const [x, y] = [width / 2, height / 2]
  const turn = formatAttribute(own === undefined ? 'transform' : 'style', transform)
  const place = Object.entries({ x: -x, y: -y, width, height, style: style.replace(TRANSFORM, '') })
  const inner = given.filter(({ name }) => !TURNED.has(name) && !REPLACED.has(name))
  return {
    opening: `<g transform="translate(${x} ${y})"><g${turn}>`,
    inner: [
      ...inner,
      ...given.filter(({ name }) => name === 'viewBox'),
      ...place.map(([name, value]) => ({ name, value: String(value) })),
    ],
  }
}

const TRANSFORM = /(?<![\w-])transform\s*:([^;]*)/
const TURNED = new Set(['transform', 'style'])

const FONT_SIZE: Attribute = { name: 'font-size', value: '16px' }
/** The others mean something only where the drawing is put into another one. */
const REPLACED = new Set(['width', 'height', 'viewBox', 'x', 'y', 'overflow'])
const SAME_SHAPE = 0.001
/** A result has whole sides: where they are of another shape than the view box, its edges would be transparent. */
const FILLED: Attribute = { name: 'preserveAspectRatio', value: 'none' }

/** Whether a value, or a style, contains a length in inches or parts of them. */
export const holdsInches = (text: string): boolean => INCHES.test(text)

const INCHES = /\d(?:cm|mm|in|pt|pc|q)\b/i
