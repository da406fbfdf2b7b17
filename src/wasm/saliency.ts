/**
 * Finds which point of a small picture attracts the eye, in AssemblyScript: `render/attention.ts` says what it is for. Skin, saturation
 * and edges of 32 × 32 cells, as libvips's smartcrop scores them.
 */

const GRID: i32 = 32
const CELLS: i32 = GRID * GRID
const LONGEST: i32 = 256
/** Floats of a raster, its lines in whole vectors. */
const RASTER_FLOATS: i32 = LONGEST * (LONGEST + 4) * 3
/** The colour of darker cells (in per cent of white) does not count. */
const DARK: f32 = 5
const LANCZOS_REACH: f32 = 3

/** The memory of the picture: 8-bit sRGB, three bytes per pixel. */
export const RASTER: usize = memory.data(LONGEST * LONGEST * 3 + 4)
const first = memory.data(RASTER_FLOATS * 4)
const second = memory.data(RASTER_FLOATS * 4)
const averaged = memory.data(RASTER_FLOATS * 4)
const weights = memory.data(LONGEST * 4)
const sources = memory.data(LONGEST * 4)
const linear = memory.data(LONGEST * 4)
const luminance = memory.data(CELLS * 4)
const scores = memory.data(CELLS * 4)
const blurred = memory.data(CELLS * 4)

for (let value = 0; value < 256; value++) {
  const share = <f32>value / 255
  const light: f32 = share <= 0.04045 ? share / 12.92 : Mathf.pow((share + 0.055) / 1.055, 2.4)
  setFloat(linear, value, <f32>100 * light)
}

// @ts-ignore: decorator
@inline
function float(at: usize, index: i32): f32 {
  return load<f32>(at + (<usize>index << 2))
}

// @ts-ignore: decorator
@inline
function setFloat(at: usize, index: i32, value: f32): void {
  store<f32>(at + (<usize>index << 2), value)
}

// @ts-ignore: decorator
@inline
function clamp(place: i32, count: i32): i32 {
  return max(0, min(count - 1, place))
}

/** The cell that should be the middle of a part of the raster, counted row by row from the upper left corner. */
export function find(width: i32, height: i32, sigma: f32): i32 {
  // Lines are padded to whole vectors; the padding is never read.
  const padded = (width + 3) & ~3
  for (let y = 0; y < height; y++) widen(RASTER + <usize>(y * width * 3), width * 3, first + <usize>(y * padded * 12))
  reduceLines(first, height, padded * 3, second)
  turn(second, GRID, padded, width, first)
  reduceLines(first, width, GRID * 3, second)
  turn(second, GRID, GRID, GRID, first)
  scoreCells(first)
  const reach = prepareBlur(sigma)
  blurColumns(scores, reach, blurred)
  blurColumns(blurred, reach, scores)
  let best = 0
  for (let cell = 1; cell < CELLS; cell++) if (float(scores, cell) > float(scores, best)) best = cell
  return best
}

/** 8-bit samples to floats; up to three more than `count` are read and written. */
function widen(from: usize, count: i32, to: usize): void {
  for (let i = 0; i < count; i += 4) {
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from + i)))
    v128.store(to + (<usize>i << 2), f32x4.convert_i32x4_u(words))
  }
}

/**
 * Reduces `lines` of `length` samples to 32 as `vips_resize` does: whole lines are averaged until there are at most
 * four times as many as wanted, the rest is Lanczos's. All is rounded to 0..255 in between.
 */
function reduceLines(from: usize, lines: i32, length: i32, to: usize): void {
  const lineBytes = <usize>length << 2
  const box = max(1, lines / GRID / 2)
  const count = (lines + box - 1) / box
  const share = f32x4.splat(1 / <f32>box)
  const half = f32x4.splat(0.5)
  for (let line = 0; line < count; line++)
    for (let at: usize = 0; at < lineBytes; at += 16) {
      let sum = f32x4.splat(0)
      for (let part = 0; part < box; part++)
        sum = f32x4.add(sum, v128.load(from + <usize>clamp(line * box + part, lines) * lineBytes + at))
      v128.store(averaged + <usize>line * lineBytes + at, f32x4.floor(f32x4.add(f32x4.mul(sum, share), half)))
    }
  const scale: f32 = <f32>lines / <f32>(GRID * box)
  const taps = scale < 1 ? 4 : 2 * <i32>nearest<f32>(LANCZOS_REACH * scale) + 1
  const none = f32x4.splat(0)
  const full = f32x4.splat(255)
  for (let result = 0; result < GRID; result++) {
    // libvips has weights for 64 places between two lines.
    const centre: f32 = scale < 1 ? <f32>result * scale : floor<f32>((<f32>result + <f32>0.5) * scale * <f32>64 + <f32>0.5) / <f32>64
    const start = scale < 1 ? <i32>floor(centre - <f32>0.5) - 1 : <i32>floor(centre) - taps / 2
    weigh(<f32>start + <f32>0.5 - centre, scale, taps)
    for (let tap = 0; tap < taps; tap++)
      store<usize>(sources + (<usize>tap << 2), averaged + <usize>clamp(start + tap, count) * lineBytes)
    for (let at: usize = 0; at < lineBytes; at += 16) {
      let sum = half
      for (let tap: usize = 0; tap < <usize>taps << 2; tap += 4) {
        const samples = v128.load(load<usize>(sources + tap) + at)
        sum = f32x4.add(sum, f32x4.mul(samples, v128.load32_splat(weights + tap)))
      }
      v128.store(to + <usize>result * lineBytes + at, f32x4.min(full, f32x4.max(none, f32x4.floor(sum))))
    }
  }
}

/** The weights, with the sum 1, of lines from `start` off the centre on; a cubic's where there are too few lines. */
function weigh(start: f32, scale: f32, taps: i32): void {
  let sum: f32 = 0
  for (let tap = 0; tap < taps; tap++) {
    const distance = abs(start + <f32>tap)
    const weight = scale < 1 ? cubic(distance) : lanczos(distance / scale)
    setFloat(weights, tap, weight)
    sum += weight
  }
  for (let tap = 0; tap < taps; tap++) setFloat(weights, tap, float(weights, tap) / sum)
}

function lanczos(x: f32): f32 {
  return x < LANCZOS_REACH ? sinc(x) * sinc(x / LANCZOS_REACH) : 0
}

/** The spline of Catmull and Rom. */
function cubic(x: f32): f32 {
  if (x < 1) return (<f32>1.5 * x - <f32>2.5) * x * x + <f32>1
  return x < 2 ? ((<f32>-0.5 * x + <f32>2.5) * x - <f32>4) * x + <f32>2 : 0
}

// @ts-ignore: decorator
@inline
function sinc(x: f32): f32 {
  const angle = Mathf.PI * x
  return x == 0 ? <f32>1 : Mathf.sin(angle) / angle
}

/** The first `count` pixels of each line, transposed. */
function turn(from: usize, lines: i32, length: i32, count: i32, to: usize): void {
  for (let y = 0; y < lines; y++)
    for (let x = 0; x < count; x++)
      for (let c = 0; c < 3; c++)
        setFloat(to, (x * lines + y) * 3 + c, float(from, (y * length + x) * 3 + c))
}

function scoreCells(cells: usize): void {
  for (let cell = 0; cell < CELLS; cell++) {
    const r = float(linear, <i32>float(cells, cell * 3))
    const g = float(linear, <i32>float(cells, cell * 3 + 1))
    const b = float(linear, <i32>float(cells, cell * 3 + 2))
    const x: f32 = 0.4124 * r + 0.3576 * g + 0.1805 * b
    const y: f32 = 0.2126 * r + 0.7152 * g + 0.0722 * b
    const z: f32 = 0.0193 * r + 0.1192 * g + 0.9505 * b
    setFloat(luminance, cell, y)
    setFloat(scores, cell, y > DARK ? scoreSkin(x, y, z) + scoreSaturation(x, y) : <f32>0)
  }
  for (let y = 0; y < GRID; y++)
    for (let x = 0; x < GRID; x++) {
      const cell = y * GRID + x
      setFloat(scores, cell, float(scores, cell) + scoreEdge(x, y))
    }
}

/** How near a colour's direction in XYZ is to that of skin; the direction is smartcrop.js's. */
function scoreSkin(x: f32, y: f32, z: f32): f32 {
  const length = sqrt(x * x + y * y + z * z)
  const dx: f32 = x / length - 0.78
  const dy: f32 = y / length - 0.57
  const dz: f32 = z / length - 0.44
  return <f32>100 - <f32>100 * sqrt(dx * dx + dy * dy + dz * dz)
}

/** CIE Lab's a under D65: how red rather than green. */
function scoreSaturation(x: f32, y: f32): f32 {
  return <f32>500 * (toLab(x / 95.047) - toLab(y / 100))
}

function toLab(t: f32): f32 {
  return t > 0.008856452 ? Mathf.cbrt(t) : (<f32>903.2963 * t + <f32>16) / <f32>116
}

function scoreEdge(x: i32, y: i32): f32 {
  const beside = luminanceAt(x - 1, y) + luminanceAt(x + 1, y)
  const aboveAndBelow = luminanceAt(x, y - 1) + luminanceAt(x, y + 1)
  return abs(<f32>5 * (<f32>4 * luminanceAt(x, y) - beside - aboveAndBelow))
}

// @ts-ignore: decorator
@inline
function luminanceAt(x: i32, y: i32): f32 {
  return float(luminance, clamp(y, GRID) * GRID + clamp(x, GRID))
}

/** As `vips_gaussblur`: in twentieths, without weights below a fifth of the middle one. Returns its radius. */
function prepareBlur(sigma: f32): i32 {
  const reach = <i32>floor(sigma * sqrt<f32>(<f32>-2 * Mathf.log(0.2)))
  for (let i = -reach; i <= reach; i++)
    setFloat(weights, i + reach, nearest(<f32>20 * Mathf.exp(-(<f32>(i * i)) / (<f32>2 * sigma * sigma))))
  return reach
}

/** Blurs the columns of a grid, and transposes it. */
function blurColumns(from: usize, reach: i32, to: usize): void {
  for (let y = 0; y < GRID; y++)
    for (let x = 0; x < GRID; x += 4) {
      let sum = f32x4.splat(0)
      for (let i = -reach; i <= reach; i++) {
        const row = v128.load(from + (<usize>(clamp(y + i, GRID) * GRID + x) << 2))
        sum = f32x4.add(sum, f32x4.mul(row, f32x4.splat(float(weights, i + reach))))
      }
      setFloat(to, x * GRID + y, f32x4.extract_lane(sum, 0))
      setFloat(to, (x + 1) * GRID + y, f32x4.extract_lane(sum, 1))
      setFloat(to, (x + 2) * GRID + y, f32x4.extract_lane(sum, 2))
      setFloat(to, (x + 3) * GRID + y, f32x4.extract_lane(sum, 3))
    }
}
