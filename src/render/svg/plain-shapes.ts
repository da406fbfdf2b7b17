/** A drawing whose gradients and polygons librsvg draws as browsers do. */
export const toPlainShapes = (drawing: string): string =>
  (SPREAD.test(drawing) ? drawing.replaceAll(STOPS, keepEnds) : drawing)
    .replaceAll(POINT, '$10.001%"')
    .replaceAll(LINE, toFlat)
    .replaceAll(POINTS, toPairs)

/** Of a gradient that is only a point browsers show the last colour, librsvg nothing. */
const POINT = /(<radialGradient\b[^<>]*\sr=")0(?:\.0*)?%?"/g

/** The same of one without a length, of which librsvg shows the mean colour: it is put where only its end is seen. */
const toFlat = (tag: string): string => {
  const absent = tag.includes('href=') ? undefined : '0'
  const [x1, y1, y2] = STARTS.map((pattern) => pattern.exec(tag)?.[1] ?? absent)
  const isFlat = y1 !== undefined && y1 === y2 && x1 === /\sx2="([^"]*)"/.exec(tag)?.[1]
  return isFlat && x1 !== undefined ? `${tag.replaceAll(PLACE, '')} x1="-99999" x2="-99998"` : tag
}

const LINE = /<linearGradient\b(?:[^<>"/]|"[^"]*")*/g
const STARTS = [/\sx1="([^"]*)"/, /\sy1="([^"]*)"/, /\sy2="([^"]*)"/]
const PLACE = /\s(?:[xy][12]|gradientTransform|spreadMethod)="[^"]*"/g

/** Where it is repeated, librsvg leaves out what lies before the first stop and behind the last one. */
const SPREAD = /\sspreadMethod="re/
const STOPS = /(<(linear|radial)Gradient\b[^<>]*[^<>/]>\s*)(<stop\b[\s\S]*?)(?=<\/\2Gradient>)/g
const keepEnds = (_: string, tag: string, __: string, stops: string): string => {
  const ends = stops.match(/<stop\b(?:[^<>"]|"[^"]*")*>/g) ?? []
  const [first = '', last = ''] = [ends[0], ends.at(-1)].map((stop = '') =>
    stop.replace(OFFSET, '').replace(/\/?>$/, ''),
  )
  return `${tag}${first} offset="0"/>${stops}${last} offset="1"/>`
}
const OFFSET = /\soffset="[^"]*"/

/**
 * The pairs of numbers in a list of points: browsers leave out a single number at the end, and a comma, and draw nothing of a
 * list with anything else in it.
 */
const toPairs = (whole: string, name: string, list: string): string => {
  const marks = list.replaceAll(NUMBER, '0').replaceAll(/\s+/g, '')
  if (/[^0,]|,,|^,/.test(marks)) return name
  const numbers = list.match(NUMBER) ?? []
  const isWhole = numbers.length % 2 === 0 && !marks.endsWith(',')
  return isWhole ? whole : name + numbers.slice(0, numbers.length - (numbers.length % 2)).join(' ')
}

const POINTS = /(<(?:[\w-]+:)?poly(?:gon|line)\b(?:[^<>"']|"[^"]*"|'[^']*')*?\spoints=")([^"]*)/g
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi
