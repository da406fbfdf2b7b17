/** Seeded noise and small arithmetic for the sample pictures. */

/** @param {number} seed @returns {() => number} numbers in 0..1, the same for the same seed (mulberry32) */
export const random = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const clamp = (/** @type {number} */ v, low = 0, high = 1) => Math.min(high, Math.max(low, v))

export const smooth = (/** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ v) => {
  const t = clamp((v - low) / (high - low))
  return t * t * (3 - 2 * t)
}

/** @typedef {readonly [number, number, number]} Colour linear mixing of 0..255 values is good enough here */

/** @param {Colour} a @param {Colour} b @param {number} t @returns {Colour} */
export const mix = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]

/** @param {readonly (readonly [number, Colour])[]} stops @param {number} at @returns {Colour} */
export const gradient = (stops, at) => {
  for (let i = 1; i < stops.length; i++) {
    const [[low, a], [high, b]] = [stops[i - 1], stops[i]]
    if (at <= high) return mix(a, b, clamp((at - low) / (high - low)))
  }
  return stops[stops.length - 1][1]
}

/** Value noise on a lattice of 256 × 256, −1..1. @param {number} seed */
export const openNoise = (seed) => {
  const next = random(seed)
  const lattice = Float32Array.from({ length: 65_536 }, () => next() * 2 - 1)
  const noise = (/** @type {number} */ x, /** @type {number} */ y) => {
    const [x0, y0] = [Math.floor(x), Math.floor(y)]
    const [fx, fy] = [x - x0, y - y0]
    const u = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
    const v = fy * fy * fy * (fy * (fy * 6 - 15) + 10)
    const [left, right] = [x0 & 255, (x0 + 1) & 255]
    const [top, bottom] = [(y0 & 255) << 8, ((y0 + 1) & 255) << 8]
    const a = lattice[top + left] + (lattice[top + right] - lattice[top + left]) * u
    const b = lattice[bottom + left] + (lattice[bottom + right] - lattice[bottom + left]) * u
    return a + (b - a) * v
  }
  /** Octaves of it, each twice as fine and half as strong. */
  const octaves = (/** @type {number} */ x, /** @type {number} */ y, count = 5) => {
    let [sum, strength, scale] = [0, 0.5, 1]
    for (let i = 0; i < count; i++) {
      sum += noise(x * scale + i * 17.3, y * scale + i * 9.1) * strength
      strength /= 2
      scale *= 2
    }
    return sum
  }
  /** The same folded at zero: ridges of mountains, 0..1. */
  const ridges = (/** @type {number} */ x, /** @type {number} */ y, count = 6) => {
    let [sum, strength, scale] = [0, 0.5, 1]
    for (let i = 0; i < count; i++) {
      const fold = 1 - Math.abs(noise(x * scale + i * 31.7, y * scale + i * 5.3))
      sum += fold * fold * strength
      strength /= 2
      scale *= 2.1
    }
    return sum
  }
  return { noise, octaves, ridges }
}
