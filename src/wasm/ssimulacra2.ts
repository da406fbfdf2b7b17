/**
 * The inner loops of SSIMULACRA2, in AssemblyScript: `render/ssimulacra2.ts` calls them row by row and says what they
 * are for. Addresses are bytes in its memory; rows contain 32-bit floats.
 */

/** The luminance-like constant of SSIM's second term, for values of this scale. */
const C2: f32 = 0.0009
/** libjxl's opsin absorbance bias, and minus its cube root. */
const BIAS: f32 = 0.0037930732552754493
const MINUS_BIAS_ROOT: f32 = -0.15595420054924866

/** The first address that the module itself does not use. */
export const FREE: usize = __heap_base

/** Linear light of each 8-bit sRGB value: the transfer function of IEC 61966-2-1. */
const table = memory.data(256 * 4)
for (let value = 0; value < 256; value++) {
  const share = <f32>value / 255
  const light: f32 = share <= 0.04045 ? share / 12.92 : Mathf.pow((share + 0.055) / 1.055, 2.4)
  store<f32>(table + (<usize>value << 2), light)
}

// libjxl's Gaussian of sigma 1.5: a sum of three cosines, cut off at a radius of 5 (Charalampidis, "Recursive
// implementation of the Gaussian filter using truncated cosine functions", IEEE Transactions on Signal Processing, 2016).
// As taps, from the middle outwards:
const TAP0: f32 = 0.26462110548819856
const TAP1: f32 = 0.21292859201042222
const TAP2: f32 = 0.1093353727774603
const TAP3: f32 = 0.03601111465836436
const TAP4: f32 = 0.009414367809653698
// And as three oscillators: the factors of its input and of its last output (equation 33 there).
const GAIN0: f32 = 0.05529523572608661
const GAIN1: f32 = -0.05883668702694999
const GAIN2: f32 = 0.012955819110517068
const TURN0: f32 = -1.902113032590307
const TURN1: f32 = -1.1755705045849463
const TURN2: f32 = -1.2246467991473532e-16

/**
 * Converts rows of Display P3's light, in place, to that of sRGB's primaries; colours beyond sRGB are below 0 or above 1.
 * The matrix follows from their chromaticities (the same white and curve).
 */
export function fromP3(width: i32, red: usize, green: usize, blue: usize): void {
  for (let x = 0; x < width; x += 4) {
    const at = <usize>x << 2
    const r = v128.load(red + at)
    const g = v128.load(green + at)
    const b = v128.load(blue + at)
    v128.store(red + at, f32x4.sub(scale(r, 1.2249401762805598), scale(g, 0.22494017628055996)))
    v128.store(green + at, f32x4.sub(scale(g, 1.0420569547096881), scale(r, 0.042056954709688163)))
    const ofBoth = f32x4.add(scale(r, 0.019637554590334433), scale(g, 0.078636045550631889))
    v128.store(blue + at, f32x4.sub(scale(b, 1.0982736001409663), ofBoth))
  }
}

// @ts-ignore: decorator
@inline
function scale(v: v128, by: f32): v128 {
  return f32x4.mul(v, f32x4.splat(by))
}

/** Interleaved 8-bit numbers of sRGB's curve to a row each of red, green and blue in linear light. */
export function toLinear(from: usize, width: i32, red: usize, green: usize, blue: usize): void {
  for (let x = 0; x < width; x++) {
    const at = <usize>x << 2
    store<f32>(red + at, load<f32>(table + (<usize>load<u8>(from) << 2)))
    store<f32>(green + at, load<f32>(table + (<usize>load<u8>(from, 1) << 2)))
    store<f32>(blue + at, load<f32>(table + (<usize>load<u8>(from, 2) << 2)))
    from += 3
  }
}

/** Half of a row of the next scale, in which each sample is the mean of four; an odd last column counts twice. */
export function halveRow(from: usize, width: i32, to: usize, isSecond: bool): void {
  const pairs = width >> 1
  let x = 0
  for (; x + 4 <= pairs; x += 4) {
    const a = v128.load(from + (<usize>x << 3))
    const b = v128.load(from + (<usize>x << 3), 16)
    const sum = f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7))
    const quarter = f32x4.mul(sum, f32x4.splat(0.25))
    const at = to + (<usize>x << 2)
    v128.store(at, isSecond ? f32x4.add(v128.load(at), quarter) : quarter)
  }
  for (; x < (width + 1) >> 1; x++) {
    const left = load<f32>(from + (<usize>x << 3))
    const right = 2 * x + 1 < width ? load<f32>(from + (<usize>x << 3), 4) : left
    const quarter: f32 = (left + right) * 0.25
    const at = to + (<usize>x << 2)
    store<f32>(at, isSecond ? load<f32>(at) + quarter : quarter)
  }
}

/** Converts a row of linear light to one channel of XYB, shifted so that all values are positive: 0 is X, 1 is Y, 2 is B. */
export function toChannel(
  channel: i32,
  width: i32,
  red: usize,
  green: usize,
  blue: usize,
  to: usize,
): void {
  for (let x = 0; x < width; x += 4) {
    const at = <usize>x << 2
    const r = v128.load(red + at)
    const g = v128.load(green + at)
    const b = v128.load(blue + at)
    const l = absorb(r, g, b, 0.3, 0.622, 0.078)
    const m = absorb(r, g, b, 0.23, 0.692, 0.078)
    if (channel == 0) {
      v128.store(to + at, f32x4.add(f32x4.mul(f32x4.sub(l, m), f32x4.splat(7)), f32x4.splat(0.42)))
      continue
    }
    const y = f32x4.mul(f32x4.add(l, m), f32x4.splat(0.5))
    if (channel == 1) {
      v128.store(to + at, f32x4.add(y, f32x4.splat(0.01)))
      continue
    }
    const s = absorb(r, g, b, 0.24342268924547819, 0.20476744424496821, 0.5518098665095536)
    v128.store(to + at, f32x4.add(f32x4.sub(s, y), f32x4.splat(0.55)))
  }
  // Behind the last column, the filter reads zeros.
  for (let x = width; x < width + 8; x++) store<f32>(to + (<usize>x << 2), 0)
}

// @ts-ignore: decorator
@inline
function absorb(r: v128, g: v128, b: v128, ofRed: f32, ofGreen: f32, ofBlue: f32): v128 {
  const sum = f32x4.add(
    f32x4.add(f32x4.mul(r, f32x4.splat(ofRed)), f32x4.mul(g, f32x4.splat(ofGreen))),
    f32x4.add(f32x4.mul(b, f32x4.splat(ofBlue)), f32x4.splat(BIAS)),
  )
  return f32x4.add(cubeRoot(f32x4.max(sum, f32x4.splat(0))), f32x4.splat(MINUS_BIAS_ROOT))
}

/** Guesses with a third of the exponent, then one step each of Halley and Newton: exact up to the last bits. */
// @ts-ignore: decorator
@inline
function cubeRoot(x: v128): v128 {
  const third = f32x4.splat(1.0 / 3.0)
  const exponent = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.convert_i32x4_s(x), third))
  const guess = i32x4.add(exponent, i32x4.splat(0x2a5137a0))
  const cube = f32x4.mul(f32x4.mul(guess, guess), guess)
  const near = f32x4.div(
    f32x4.mul(guess, f32x4.add(cube, f32x4.add(x, x))),
    f32x4.add(f32x4.add(cube, cube), x),
  )
  const square = f32x4.mul(near, near)
  const step = f32x4.div(f32x4.sub(f32x4.mul(square, near), x), square)
  return f32x4.sub(near, f32x4.mul(step, third))
}

/**
 * Filters a row of both pictures across, and the row of their squares and of their product: five rows to `to`.
 * `scratch` is three rows with a margin.
 */
export function filterRow(
  a: usize,
  b: usize,
  width: i32,
  rowBytes: usize,
  scratch: usize,
  to: usize,
): void {
  const aa = scratch
  const bb = scratch + rowBytes
  const ab = scratch + 2 * rowBytes
  for (let x = 0; x < width + 4; x += 4) {
    const at = <usize>x << 2
    const p = v128.load(a + at)
    const q = v128.load(b + at)
    v128.store(aa + at, f32x4.mul(p, p))
    v128.store(bb + at, f32x4.mul(q, q))
    v128.store(ab + at, f32x4.mul(p, q))
  }
  for (let x = 0; x < width; x += 4) {
    const at = <usize>x << 2
    filterAcross(a + at, to + at)
    filterAcross(b + at, to + rowBytes + at)
    filterAcross(aa + at, to + 2 * rowBytes + at)
    filterAcross(bb + at, to + 3 * rowBytes + at)
    filterAcross(ab + at, to + 4 * rowBytes + at)
  }
}

// @ts-ignore: decorator
@inline
function filterAcross(row: usize, to: usize): void {
  const near = f32x4.add(
    f32x4.mul(v128.load(row), f32x4.splat(TAP0)),
    f32x4.mul(f32x4.add(v128.load(row - 4), v128.load(row, 4)), f32x4.splat(TAP1)),
  )
  const far = f32x4.add(
    f32x4.mul(f32x4.add(v128.load(row - 12), v128.load(row, 12)), f32x4.splat(TAP3)),
    f32x4.mul(f32x4.add(v128.load(row - 16), v128.load(row, 16)), f32x4.splat(TAP4)),
  )
  const middle = f32x4.mul(f32x4.add(v128.load(row - 8), v128.load(row, 8)), f32x4.splat(TAP2))
  v128.store(to, f32x4.add(near, f32x4.add(middle, far)))
}

/**
 * Feeds the recursion down the columns with the rows six above and four below the one it is at, above the first row,
 * where nothing is told of it yet.
 */
export function stepColumns(
  width: i32,
  rowBytes: usize,
  above: usize,
  below: usize,
  last: usize,
  before: usize,
): void {
  for (let quantity: usize = 0; quantity < 5; quantity++)
    for (let x = 0; x < width; x += 4)
      stepDown(above, below, last, before, rowBytes, quantity, <usize>x << 2)
}

// @ts-ignore: decorator
@inline
function stepDown(
  above: usize,
  below: usize,
  last: usize,
  before: usize,
  rowBytes: usize,
  quantity: usize,
  at: usize,
): v128 {
  const row = quantity * rowBytes + at
  const state = quantity * 3 * rowBytes + at
  const sum = f32x4.add(v128.load(above + row), v128.load(below + row))
  const first = oscillate(sum, GAIN0, TURN0, last + state, before + state)
  const second = oscillate(sum, GAIN1, TURN1, last + state + rowBytes, before + state + rowBytes)
  const third = oscillate(sum, GAIN2, TURN2, last + state + 2 * rowBytes, before + state + 2 * rowBytes)
  return f32x4.add(first, f32x4.add(second, third))
}

/** The output of an oscillator, which replaces the one before last. */
// @ts-ignore: decorator
@inline
function oscillate(sum: v128, gain: f32, turn: f32, last: usize, before: usize): v128 {
  const value = f32x4.sub(
    f32x4.mul(sum, f32x4.splat(gain)),
    f32x4.add(f32x4.mul(v128.load(last), f32x4.splat(turn)), v128.load(before)),
  )
  v128.store(before, value)
  return value
}

/**
 * The maps of one row, added up: at `sums` six doubles grow by structural difference, artifacts and lost detail, of
 * each the sum and the sum of its fourth powers.
 */
export function sumRow(
  a: usize,
  b: usize,
  width: i32,
  rowBytes: usize,
  above: usize,
  below: usize,
  last: usize,
  before: usize,
  sums: usize,
): void {
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const c2 = f32x4.splat(C2)
  let difference1 = zero
  let difference4 = zero
  let artifacts1 = zero
  let artifacts4 = zero
  let lost1 = zero
  let lost4 = zero
  for (let x = 0; x < width; x += 4) {
    const at = <usize>x << 2
    const mean1 = stepDown(above, below, last, before, rowBytes, 0, at)
    const mean2 = stepDown(above, below, last, before, rowBytes, 1, at)
    const square1 = stepDown(above, below, last, before, rowBytes, 2, at)
    const square2 = stepDown(above, below, last, before, rowBytes, 3, at)
    const product = stepDown(above, below, last, before, rowBytes, 4, at)

    const shift = f32x4.sub(mean1, mean2)
    const luminance = f32x4.sub(one, f32x4.mul(shift, shift))
    const covariance = f32x4.sub(product, f32x4.mul(mean1, mean2))
    const variance1 = f32x4.sub(square1, f32x4.mul(mean1, mean1))
    const variance2 = f32x4.sub(square2, f32x4.mul(mean2, mean2))
    const structure = f32x4.div(
      f32x4.mul(luminance, f32x4.add(f32x4.add(covariance, covariance), c2)),
      f32x4.add(f32x4.add(variance1, variance2), c2),
    )
    let difference = f32x4.max(f32x4.sub(one, structure), zero)

    const edge1 = f32x4.add(one, f32x4.abs(f32x4.sub(v128.load(a + at), mean1)))
    const edge2 = f32x4.add(one, f32x4.abs(f32x4.sub(v128.load(b + at), mean2)))
    let edges = f32x4.sub(f32x4.div(edge2, edge1), one)

    if (x + 4 > width) {
      const left = width - x
      const inside = i32x4(-1, left > 1 ? -1 : 0, left > 2 ? -1 : 0, 0)
      difference = v128.and(difference, inside)
      edges = v128.and(edges, inside)
    }
    const artifacts = f32x4.max(edges, zero)
    const lost = f32x4.max(f32x4.neg(edges), zero)
    difference1 = f32x4.add(difference1, difference)
    difference4 = f32x4.add(difference4, fourthPower(difference))
    artifacts1 = f32x4.add(artifacts1, artifacts)
    artifacts4 = f32x4.add(artifacts4, fourthPower(artifacts))
    lost1 = f32x4.add(lost1, lost)
    lost4 = f32x4.add(lost4, fourthPower(lost))
  }
  addLanes(sums, difference1)
  addLanes(sums + 8, difference4)
  addLanes(sums + 16, artifacts1)
  addLanes(sums + 24, artifacts4)
  addLanes(sums + 32, lost1)
  addLanes(sums + 40, lost4)
}

// @ts-ignore: decorator
@inline
function fourthPower(v: v128): v128 {
  const square = f32x4.mul(v, v)
  return f32x4.mul(square, square)
}

// @ts-ignore: decorator
@inline
function addLanes(at: usize, v: v128): void {
  const low = <f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1)
  const high = <f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3)
  store<f64>(at, load<f64>(at) + low + high)
}
