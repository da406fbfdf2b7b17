import sharp, { type Sharp } from 'sharp'

/** Pictures of the kinds that sites show, painted by whole-number arithmetic: the same everywhere. */

const [WIDTH, HEIGHT] = [320, 240]

type Paint = (x: number, y: number) => readonly [number, number, number]

const paint = (of: Paint): Sharp => {
  const samples = Buffer.alloc(WIDTH * HEIGHT * 3)
  for (let y = 0, at = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++, at += 3) samples.set(of(x, y), at)
  return sharp(samples, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
}

/** A number from 0 to 255 for a place, without any pattern. */
export const scatter = (a: number, b = 0): number => {
  const mixed = Math.imul(a * 374_761_393 + b * 668_265_263 + 1, 1_274_126_177)
  return ((mixed ^ (mixed >>> 15)) >>> 8) & 255
}

/** Windows, bars and icons in so many flat colours. */
export const paintDrawing = (colours: number): Sharp =>
  paint((x, y) => {
    const [column, row] = [x >> 4, y >> 3]
    const isLine = x % 40 === 0 || y % 30 === 0
    const number = isLine ? 0 : (column >> 1) % 3 === 0 ? scatter(column, row) + row * 7 : column >> 2
    const colour = number % colours
    return [scatter(colour, 1), scatter(colour, 2), colours > 256 ? colour & 255 : scatter(colour, 3)]
  })

const hexOf = (colour: string): readonly [number, number, number] => {
  const value = Number.parseInt(colour.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

/** Lines of letters of five by seven pixels. */
export const paintLetters = (ink = '#202020', ground = '#ffffff'): Sharp => {
  const [dark, light] = [hexOf(ink), hexOf(ground)]
  return paint((x, y) => {
    const [letter, line] = [Math.floor(x / 7), Math.floor(y / 12)]
    const [dx, dy] = [x % 7, y % 12]
    const isWritten = dx < 5 && dy < 7 && letter < 40 - (scatter(line) % 20) && scatter(letter, line) % 6 > 0
    const glyph = scatter(letter, line) % 26
    return isWritten && scatter(glyph * 35 + dx * 7 + dy) > 120 ? dark : light
  })
}

/** Large soft shapes, flat where nothing is. */
export const paintShades = (): Sharp =>
  paint((x, y) => {
    const distance = Math.hypot(x - 110, y - 120)
    if (distance > 105) return [250, 244, 230]
    const shade = Math.sin(distance / 9) * 40 + Math.cos((x * y) / 900) * 30
    return [130 + shade, 90 + shade / 2, 170 - shade]
  })

/** A ball of 1,242 colours on a plain ground. */
export const paintBall = (): Sharp =>
  paint((x, y) => {
    const distance = Math.hypot(x - 43, y - 48)
    if (distance > 36) return [250, 244, 230]
    return [200 - distance * 2, 90 + x / 5, 170 - Math.sin(distance / 3.2) * 30]
  })

/** Specks of 307 colours, some of them again and again. */
export const paintSpecks = (): Sharp =>
  paint((x, y) =>
    scatter(x, y) === 0 ? [scatter(x, 1 + y * 7), scatter(y, x * 3 + 2), scatter(x + y, x)] : [20, 30, 60],
  )

/** Hills, a sky and grain. */
export const paintPhoto = (): Sharp =>
  paint((x, y) => {
    const light = 120 + 50 * Math.sin(x / 21 + y / 60) * Math.cos(y / 17) + (scatter(x, y) % 24) - y / 6
    return [light + 30, light, Math.max(0, light - 40 + y / 3)].map((value) =>
      Math.min(255, Math.max(0, value)),
    ) as [number, number, number]
  })
