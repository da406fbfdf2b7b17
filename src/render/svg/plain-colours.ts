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
          .replaceAll(SYSTEM, (_, property: string, text?: string) => property + (text ? 'black' : 'white')),
      )
    : drawing

const MODERN = /\b(?:okl(?:ab|ch)|l(?:ab|ch)|color|light-dark)\(|(?:Canvas|Window|Button|Field)(?:Text)?\b/i
const FUNCTION = /(?<=[\s:"'(,])(okl(?:ab|ch)|l(?:ab|ch)|color)\(([^()]{1,100})\)/gi
const LIGHT_DARK = /(?<=[\s:"'])light-dark\(((?:[^(),]|\([^()]*\)){1,100}),(?:[^(),]|\([^()]*\)){1,100}\)/gi
const SYSTEM = /((?:fill|stroke|color)\s*(?::|=["'])\s*)(?:Canvas|Window|Button|Field)(Text)?(?=\s*[;"'}!])/gi

/** Undefined where it is not known. */
const toHex = (name: string, list: string): string | undefined => {
  const [, space = name, numbers = list] = (name === 'color' && /^\s*([\w-]+)([\s\S]*)/.exec(list)) || []
  const [colour = '', alpha = '1', ...more] = numbers.split('/')
  const found = SPACES.get(space.toLowerCase())
  const [a, b, c, ...others] = colour
    .trim()
    .split(/\s+/)
    .map((text, i) => toNumber(text, found?.whole[i] ?? 1))
  const opacity = toNumber(alpha.trim(), 1)
  if (found === undefined || a === undefined || b === undefined || c === undefined) return undefined
  const rgb = found.toLinear(a, b, c).map(toGamma)
  const bytes = [...rgb, opacity].map((value) => Math.round(Math.min(1, Math.max(0, value)) * 255))
  if (bytes.some(Number.isNaN) || others.length > 0 || more.length > 0) return undefined
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.replace(
    /ff$/,
    opacity < 1 ? 'ff' : '',
  )
}

/** `whole`: what 100 % stands for. An angle is in degrees. */
const toNumber = (text: string, whole: number): number => {
  const [, number = '', unit = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|none)(%|deg|g?rad|turn)?$/i.exec(text) ?? []
  const factor = unit === '%' ? whole / 100 : (DEGREES[unit.toLowerCase()] ?? 1)
  return number === '' ? Number.NaN : number.toLowerCase() === 'none' ? 0 : Number(number) * factor
}

const DEGREES: Readonly<Record<string, number>> = { rad: 180 / Math.PI, grad: 0.9, turn: 360 }

type Three = readonly [number, number, number]
type ToLinear = (a: number, b: number, c: number) => Three

const times = (rows: readonly Three[], [a, b, c]: Three): Three => {
  const [x = 0, y = 0, z = 0] = rows.map((row) => row[0] * a + row[1] * b + row[2] * c)
  return [x, y, z]
}

/** The matrices are those of CSS Color 4, 18: from cubes of cones, from XYZ under D50, and from Display P3. */
const fromOklab: ToLinear = (l, a, b) =>
  times(
    [
      [4.0767416621, -3.3077115913, 0.2309699292],
      [-1.2684380046, 2.6097574011, -0.3413193965],
      [-0.0041960863, -0.7034186147, 1.707614701],
    ],
    [
      (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
      (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
      (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
    ],
  )

const fromLab: ToLinear = (l, a, b) => {
  const y = (l + 16) / 116
  const toLight = (f: number): number => (f > 6 / 29 ? f ** 3 : 3 * (6 / 29) ** 2 * (f - 4 / 29))
  return times(
    [
      [3.1341358529, -1.6173863321, -0.490661946],
      [-0.9787954765, 1.9162543773, 0.0334427427],
      [0.0719553187, -0.2289768269, 1.4053860351],
    ],
    [0.9642956765 * toLight(y + a / 500), toLight(y), 0.8251046025 * toLight(y - b / 200)],
  )
}

const fromP3: ToLinear = (r, g, b) =>
  times(
    [
      [1.2249401763, -0.2249401763, 0],
      [-0.0420569547, 1.0420569547, 0],
      [-0.0196375546, -0.0786360456, 1.0982736001],
    ],
    [toLight(r), toLight(g), toLight(b)],
  )

const ofHue =
  (from: ToLinear): ToLinear =>
  (l, chroma, hue) =>
    from(l, chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180))

/** The curve of sRGB, and its inverse. */
const toGamma = (light: number): number =>
  light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : 12.92 * light
const toLight = (value: number): number =>
  value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92

/** How the numbers of a space become the light of sRGB. */
const SPACES: ReadonlyMap<string, { readonly whole: Three; readonly toLinear: ToLinear }> = new Map([
  ['oklab', { whole: [1, 0.4, 0.4], toLinear: fromOklab }],
  ['oklch', { whole: [1, 0.4, 1], toLinear: ofHue(fromOklab) }],
  ['lab', { whole: [100, 125, 125], toLinear: fromLab }],
  ['lch', { whole: [100, 150, 1], toLinear: ofHue(fromLab) }],
  ['srgb', { whole: [1, 1, 1], toLinear: (r, g, b) => [toLight(r), toLight(g), toLight(b)] }],
  ['srgb-linear', { whole: [1, 1, 1], toLinear: (r, g, b) => [r, g, b] }],
  ['display-p3', { whole: [1, 1, 1], toLinear: fromP3 }],
])
