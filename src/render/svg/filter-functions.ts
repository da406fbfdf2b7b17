import { SVG } from './allowed.ts'
import { changeStyled } from './styled.ts'

/**
 * With elements in place of the functions of `filter`, as `grayscale(1)`: librsvg counts their colours in light, browsers in
 * the numbers of sRGB; and for each shape it filters all of the canvas. Not covered: lines without a width or a height.
 */
export const openFilterFunctions = (drawing: string): string => {
  if (drawing.search(FILTER) < 0) return drawing
  const rootStart = drawing.indexOf(' viewBox="')
  const filters = new Map<string, string>()
  const openList = (property: string, value: string, isOfRoot: boolean): string =>
    property +
    value.replaceAll(FUNCTION, (use, name: string, argument: string) => {
      const step = STEPS[name.toLowerCase()]?.(argument.trim())
      if (step === undefined) return use
      const filter = toFilter(step, isOfRoot)
      if (!filters.has(filter) && filters.size < MOST) filters.set(filter, `imgsizes-${filters.size}`)
      return filters.has(filter) ? `url(#${filters.get(filter)})` : use
    })
  const opened = changeStyled(drawing, (styled, at) =>
    styled.replaceAll(FILTER, (_, property: string, value: string) =>
      openList(property, value, at < rootStart),
    ),
  )
  const end = opened.lastIndexOf('</')
  const added = [...filters].map(([filter, name]) => filter.replace('>', ` id="${name}">`))
  return opened.slice(0, end) + added.join('') + opened.slice(end)
}

/** So that a drawing does not grow much. */
const MOST = 100
const FILTER = /([\s;"'{]filter\s*(?::|=["'])\s*)([^;:"'{}<>]+)/gi
const FUNCTION = /([a-z-]{4,11})\(((?:[^()]|\([^()]*\))*)\)/gi
/**
 * All of the canvas for each of many shapes would take minutes. Thin shapes have long shadows; strokes are wide. Of the
 * outermost element librsvg measures the region in pixels.
 */
const toFilter = (step: string, isOfRoot: boolean): string => {
  const around = isOfRoot ? 99_999 : /stdDeviation/.test(step) ? 5 : 1
  const region = `x="-${around}" y="-${around}" width="${2 * around + 1}" height="${2 * around + 1}"`
  const units = isOfRoot ? ' filterUnits="userSpaceOnUse"' : ''
  return `<filter xmlns="${SVG}" ${region}${units} color-interpolation-filters="sRGB">${step}</filter>`
}

/** The step of a filter that a function means (Filter Effects, 6.1 and 13); undefined where its argument is unknown. */
type ToStep = (argument: string) => string | undefined

const ofAmount =
  (toStep: (amount: number) => string): ToStep =>
  (argument) => {
    const [, number = '1', percent] = AMOUNT.exec(argument) ?? []
    if (argument !== '' && percent === undefined) return undefined
    return toStep(Number(number) / (percent === '%' ? 100 : 1))
  }

const AMOUNT = /^\+?((?:\d+(?:\.\d*)?|\.\d+))(%?)$/
const LENGTH = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))px$|^0$/

const matrix = (type: string, values: unknown): string => `<feColorMatrix type="${type}" values="${values}"/>`

const toColours = (how: string, channels = 'RGB'): string =>
  `<feComponentTransfer>${[...channels].map((channel) => `<feFunc${channel} ${how}/>`).join('')}</feComponentTransfer>`

const toSepia = (amount: number): string => {
  const rest = 1 - Math.min(1, amount)
  const row = (parts: readonly number[], own: number): string =>
    `${parts.map((part, at) => part + (at === own ? 1 - part : -part) * rest).join(' ')} 0 0`
  return matrix('matrix', `${SEPIA.map(row).join(' ')} 0 0 0 1 0`)
}

const SEPIA = [
  [0.393, 0.769, 0.189],
  [0.349, 0.686, 0.168],
  [0.272, 0.534, 0.131],
]

const toTurn: ToStep = (argument) => {
  const [, number, unit = ''] =
    /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(deg|grad|rad|turn)$|^0$/i.exec(argument) ?? []
  const degrees = Number(number ?? 0) * (DEGREES[unit.toLowerCase()] ?? 1)
  return number === undefined && argument !== '0' && argument !== ''
    ? undefined
    : matrix('hueRotate', degrees)
}

const DEGREES: Readonly<Record<string, number>> = { deg: 1, grad: 0.9, rad: 180 / Math.PI, turn: 360 }

const toBlur: ToStep = (argument) => {
  const [whole, pixels = '0'] = LENGTH.exec(argument) ?? []
  return whole && `<feGaussianBlur stdDeviation="${pixels}"/>`
}

/** The colour stands before or behind the lengths. */
const toShadow: ToStep = (argument) => {
  const parts = argument.match(/(?:[^\s()]|\([^()]*\))+/g) ?? []
  const lengths = parts.flatMap((part) => LENGTH.exec(part)?.[1] ?? (part === '0' ? ['0'] : []))
  const [colour = 'currentColor', ...others] = parts.filter((part) => !LENGTH.test(part))
  const [x, y, deviation = 0] = lengths
  if (y === undefined || lengths.length > 3 || others.length > 0) return undefined
  return `<feDropShadow dx="${x}" dy="${y}" stdDeviation="${deviation}" flood-color="${colour}"/>`
}

const STEPS: Readonly<Record<string, ToStep>> = {
  grayscale: ofAmount((amount) => matrix('saturate', 1 - Math.min(1, amount))),
  saturate: ofAmount((amount) => matrix('saturate', amount)),
  sepia: ofAmount(toSepia),
  invert: ofAmount((amount) =>
    toColours(`type="table" tableValues="${Math.min(1, amount)} ${1 - Math.min(1, amount)}"`),
  ),
  brightness: ofAmount((amount) => toColours(`type="linear" slope="${amount}"`)),
  contrast: ofAmount((amount) =>
    toColours(`type="linear" slope="${amount}" intercept="${0.5 - amount / 2}"`),
  ),
  opacity: ofAmount((amount) => toColours(`type="linear" slope="${Math.min(1, amount)}"`, 'A')),
  'hue-rotate': toTurn,
  blur: toBlur,
  'drop-shadow': toShadow,
}
