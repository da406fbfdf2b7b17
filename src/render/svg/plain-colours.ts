import { COLORANTS, toLight, toNumber } from '../colours.ts'
import { apply, invert, type Matrix, multiply, type Vector } from '../matrix.ts'
import { changeStyled } from './styled.ts'

/**
 * A drawing whose colours librsvg reads: those of CSS Color 4 in sRGB's numbers, as an ordinary screen shows them, and
 * those of the system as in a light window. Not covered: mixtures, and colours made of others.
 */
export const toPlainColours = (drawing: string): string =>
  MODERN.test(drawing)
    ? changeStyled(drawing, (styled) =>
        styled
          .replaceAll(FUNCTION, (use, name: string, list: string) => toHex(name.toLowerCase(), list) ?? use)
          .replaceAll(LIGHT_DARK, '$1')
          .replaceAll(SYSTEM, (_, property: string, name: string) => property + ofSystem(name)),
      )
    : drawing

const MODERN = /\b(?:okl(?:ab|ch)|l(?:ab|ch)|color|light-dark)\(|(?:Canvas|Window|Field|ButtonText)/i
const FUNCTION = /(?<=[\s:"'(,])(okl(?:ab|ch)|l(?:ab|ch)|color)\(([^()]{1,100})\)/gi
const LIGHT_DARK = /(?<=[\s:"'])light-dark\(((?:[^(),]|\([^()]*\)){1,100}),(?:[^(),]|\([^()]*\)){1,100}\)/gi
const SYSTEM =
  /((?:fill|stroke|color)\s*(?::|=["'])\s*)((?:Canvas|Window|Field)(?:Text)?|ButtonText)(?=\s*[;"'}!])/gi

const ofSystem = (name: string): string => (/text$/i.test(name) ? 'black' : 'white')

/** Undefined where it is not known. */
const toHex = (name: string, list: string): string | undefined => {
  const [, space = name, numbers = list] = (name === 'color' && /^\s*([\w-]+)([\s\S]*)/.exec(list)) || []
  const [colour = '', alpha = '1', ...more] = numbers.split('/')
  const found = SPACES.get(space.toLowerCase())
  const [a, b, c, ...others] = colour
    .trim()
    .split(/\s+/)
    .map((text, i) => readNumber(text, found?.whole[i] ?? 1))
  const opacity = readNumber(alpha.trim(), 1)
  if (found === undefined || a === undefined || b === undefined || c === undefined) return undefined
  const light = found.toLight([a, b, c])
  if ([...light, opacity].some(Number.isNaN) || others.length > 0 || more.length > 0) return undefined
  const opaque = Buffer.from(light.map(toNumber)).toString('hex')
  return `#${opaque}${opacity < 1 ? Buffer.of(Math.round(Math.max(0, opacity) * 255)).toString('hex') : ''}`
}

/** `whole`: what 100 % stands for. An angle is in degrees. */
const readNumber = (text: string, whole: number): number => {
  const [, number = '', unit = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|none)(%|deg|g?rad|turn)?$/i.exec(text) ?? []
  const factor = unit === '%' ? whole / 100 : (DEGREES[unit.toLowerCase()] ?? 1)
  return number === '' ? Number.NaN : number.toLowerCase() === 'none' ? 0 : Number(number) * factor
}

const DEGREES: Readonly<Record<string, number>> = { rad: 180 / Math.PI, grad: 0.9, turn: 360 }

/** From the cubes of the cones' light to that of sRGB (CSS Color 4, 18). */
const FROM_CONES: Matrix = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
]
const TO_CONES: Matrix = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
]
/** The white of CIE Lab in CSS: D50. */
const [X, Z] = [0.9642956765, 0.8251046025]

type ToLight = (numbers: Vector) => Vector

const fromOklab: ToLight = (numbers) => {
  const [l, m, s] = apply(TO_CONES, numbers)
  return apply(FROM_CONES, [l ** 3, m ** 3, s ** 3])
}

const fromLab: ToLight = ([l, a, b]) => {
  const y = (l + 16) / 116
  const ofRoot = (f: number): number => (f > 6 / 29 ? f ** 3 : 3 * (6 / 29) ** 2 * (f - 4 / 29))
  return apply(invert(COLORANTS.srgb), [X * ofRoot(y + a / 500), ofRoot(y), Z * ofRoot(y - b / 200)])
}

const fromP3: ToLight = (numbers) => apply(multiply(invert(COLORANTS.srgb), COLORANTS.p3), ofCurve(numbers))

const ofHue =
  (from: ToLight): ToLight =>
  ([l, chroma, hue]) =>
    from([l, chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)])

const ofCurve: ToLight = ([r, g, b]) => [toLight(r), toLight(g), toLight(b)]

/** How the numbers of a space become the light of sRGB; `whole`: what 100 % stands for. */
const SPACES: ReadonlyMap<string, { readonly whole: Vector; readonly toLight: ToLight }> = new Map([
  ['oklab', { whole: [1, 0.4, 0.4], toLight: fromOklab }],
  ['oklch', { whole: [1, 0.4, 1], toLight: ofHue(fromOklab) }],
  ['lab', { whole: [100, 125, 125], toLight: fromLab }],
  ['lch', { whole: [100, 150, 1], toLight: ofHue(fromLab) }],
  ['srgb', { whole: [1, 1, 1], toLight: ofCurve }],
  ['srgb-linear', { whole: [1, 1, 1], toLight: (light) => light }],
  ['display-p3', { whole: [1, 1, 1], toLight: fromP3 }],
])
