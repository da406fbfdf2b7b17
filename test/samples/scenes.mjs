import { clamp, gradient, mix, openNoise, random, smooth } from './noise.mjs'

/** @typedef {import('./noise.mjs').Colour} Colour */
/** @typedef {(x: number, y: number) => Colour} Scene colour at a pixel */
/** @typedef {(width: number, height: number) => Scene} SceneMaker */

/** Ranges behind a lake at sunset, and all of it again in the water. @type {SceneMaker} */
export const mountainLake = (width, height) => {
  const { noise, octaves, ridges } = openNoise(11)
  const horizon = height * 0.62
  const sun = { x: width * 0.67, y: horizon - height * 0.13 }
  const layers = [
    { base: 0.6, rise: 0.4, scale: 2.2, colour: [148, 132, 168], snow: 0.75 },
    { base: 0.66, rise: 0.33, scale: 3.1, colour: [104, 98, 142], snow: 0.35 },
    { base: 0.66, rise: 0.22, scale: 4.5, colour: [66, 68, 108], snow: 0 },
    { base: 0.66, rise: 0.125, scale: 6.5, colour: [38, 44, 74], snow: 0 },
  ].map((layer, i) => ({
    ...layer,
    crest: Float32Array.from({ length: width }, (_, x) => {
      const u = x / width
      return (layer.base - layer.rise * (ridges(u * layer.scale + i * 40, i * 7.7) - 0.12)) * height
    }),
  }))
  const forest = Float32Array.from({ length: width }, (_, x) => {
    const u = x / width
    const tree = Math.abs(((u * 150 + noise(u * 40, 3) * 1.6) % 1) - 0.5) * 2
    return (
      horizon -
      height *
        (0.012 + 0.035 * clamp(0.5 + octaves(u * 5, 90, 3)) + 0.026 * tree * (0.6 + noise(u * 90, 8) * 0.4))
    )
  })
  /** @type {Scene} */
  const above = (x, y) => {
    const column = clamp(Math.round(x), 0, width - 1)
    if (y > forest[column]) return [20 + 6 * noise(x / 5, y / 7), 25 + 7 * noise(x / 4, y / 6), 37]
    for (let i = layers.length - 1; i >= 0; i--) {
      const layer = layers[i]
      const depth = (y - layer.crest[column]) / height
      if (depth < 0) continue
      const [rx, ry] = [(x / width) * 14, (y / height) * 12]
      const rock = ridges(rx + ry * 0.55 + i * 7, ry * 0.8 - rx * 0.3, 6) - 0.62
      const lit = clamp(0.45 + rock * 1.9 + 0.2 * noise(rx * 0.6, ry * 0.5))
      let colour = mix(layer.colour, mix(layer.colour, [255, 178, 132], 0.42), lit * (1 - i * 0.21))
      if (layer.snow > 0) {
        const snow = smooth(0.2, 0.06, depth - rock * 0.28) * layer.snow
        colour = mix(colour, mix([176, 164, 200], [255, 222, 204], smooth(0.38, 0.68, lit)), snow)
      }
      const haze = smooth(0.0, 0.3, depth) * (0.55 - i * 0.1)
      return mix(colour, [233, 170, 150], haze)
    }
    const distance = Math.hypot(x - sun.x, (y - sun.y) * 1.15) / height
    let sky = gradient(
      [
        [0, [44, 64, 124]],
        [0.42, [122, 118, 168]],
        [0.72, [236, 158, 136]],
        [1, [255, 206, 140]],
      ],
      y / horizon,
    )
    const cloud = smooth(0.02, 0.5, octaves((x / width) * 3.5 + 7, (y / height) * 15, 6) + 0.06)
    sky = mix(sky, mix([255, 168, 132], [120, 96, 142], smooth(0.55, 0.05, y / horizon)), cloud * 0.75)
    const glow = Math.exp(-distance * 5.5) * 0.85 + smooth(0.037, 0.031, distance)
    return mix(sky, [255, 240, 205], clamp(glow))
  }
  return (x, y) => {
    if (y < horizon) return above(x, y)
    const depth = (y - horizon) / (height - horizon)
    const wave = octaves(x / (50 + 260 * depth), y / (2.5 + 13 * depth), 4)
    const mirrored = horizon - (y - horizon) * 0.92 + wave * (3 + 60 * depth)
    const seen = above(clamp(x + wave * (2 + 22 * depth), 0, width - 1), clamp(mirrored, 0, horizon - 1))
    const water = mix(seen, [26, 36, 72], 0.22 + 0.42 * depth * depth - wave * 0.12)
    const glitter =
      smooth(0.16, 0.44, wave + 0.1 * noise(x / 9, y / 3)) *
      Math.exp(-(((x - sun.x) / (width * (0.045 + 0.05 * depth))) ** 2))
    return mix(water, [255, 226, 176], clamp(glitter * 0.9))
  }
}

/** Crest behind crest of sand, the wind's ripples on the near ones. @type {SceneMaker} */
export const dunes = (width, height) => {
  const { noise, octaves } = openNoise(23)
  const crests = [0.4, 0.46, 0.55, 0.68, 0.86].map((base, i) => ({
    depth: i / 4,
    line: Float32Array.from({ length: width }, (_, x) => {
      const u = x / width
      const swell =
        noise(u * (1.7 + 0.4 * (4 - i)) + i * 13.1, i * 3.3) * 0.8 + noise(u * 5 + i * 7, i * 9.9) * 0.16
      return (base - swell * (0.05 + 0.055 * (i / 4))) * height
    }),
  }))
  return (x, y) => {
    for (let i = crests.length - 1; i >= 0; i--) {
      const { line, depth } = crests[i]
      const crest = line[Math.round(x)]
      if (y < crest) continue
      const below = (y - crest) / height
      const slope = (line[Math.min(width - 1, Math.round(x) + 8)] - line[Math.max(0, Math.round(x) - 8)]) / 16
      // The lee side lies under a second line that leaves the crest and wanders down the dune.
      const lee = smooth(
        -0.006,
        0.012,
        below - (0.05 + 0.16 * depth) * (0.62 + noise(x / (width * 0.16) + i * 5, i * 2.2)),
      )
      const shade = clamp(0.55 - slope * 1.25 + 0.16 * octaves(x / 300, y / 120, 3))
      const warp = octaves(x / 210 + i * 9, y / 160, 4) * 9
      const ripple =
        Math.sin((y * (1.05 - 0.3 * depth) + x * 0.13) / (2.2 + 3.6 * depth) + warp) *
        depth *
        0.11 *
        (0.5 + lee)
      const grain = noise(x * 0.9, y * 0.9) * 0.035
      const light = clamp(lee * 0.52 + shade * 0.5 + ripple + grain)
      const sand = gradient(
        [
          [0, [98, 46, 40]],
          [0.35, [168, 88, 54]],
          [0.7, [226, 146, 84]],
          [1, [255, 206, 142]],
        ],
        light,
      )
      return mix(sand, [244, 196, 160], (1 - depth) * 0.5)
    }
    const up = y / (height * 0.42)
    const cirrus = smooth(0.05, 0.5, octaves((x / width) * 3 + (y / height) * 2, (y / height) * 12, 6))
    const sky = gradient(
      [
        [0, [72, 122, 178]],
        [0.6, [146, 186, 212]],
        [1, [246, 216, 184]],
      ],
      up,
    )
    return mix(sky, [255, 244, 232], cirrus * 0.55)
  }
}

/** Curtains of light over a snowy valley with firs. @type {SceneMaker} */
export const aurora = (width, height) => {
  const { noise, octaves, ridges } = openNoise(37)
  const next = random(5)
  const stars = new Map()
  for (let i = 0; i < 2600; i++)
    stars.set(Math.floor(next() * width) + Math.floor(next() * height * 0.75) * width, 60 + 195 * next() ** 3)
  const ground = Float32Array.from({ length: width }, (_, x) => {
    const u = x / width
    return height * (0.79 - 0.2 * (ridges(u * 2.4, 4.2) - 0.35))
  })
  const snow = Float32Array.from(
    { length: width },
    (_, x) => height * (0.86 + 0.035 * octaves((x / width) * 2.5, 71, 4)),
  )
  /** The middle line of a curtain and how far up it reaches. */
  const curtains = [
    { at: 0.5, sway: 0.3, reach: 0.34, strength: 1 },
    { at: 0.33, sway: 0.22, reach: 0.2, strength: 0.55 },
    { at: 0.6, sway: 0.14, reach: 0.14, strength: 0.45 },
  ]
  return (x, y) => {
    const [u, v] = [x / width, y / height]
    if (y > snow[Math.round(x)]) {
      const drift = octaves(x / 240, y / 70, 6)
      const far = smooth(0.84, 1, v)
      return mix([96, 142, 142], [26, 46, 70], clamp(far * 0.85 - drift * 0.75 + 0.1))
    }
    if (y > ground[Math.round(x)]) {
      const rock = octaves(x / 60, y / 36 + x / 90, 6)
      const white = smooth(-0.02, 0.2, rock + (0.84 - v) * 0.5)
      return mix([11, 20, 34], [70, 116, 122], white * 0.75)
    }
    let colour = gradient(
      [
        [0, [8, 12, 34]],
        [0.5, [12, 30, 56]],
        [0.8, [26, 66, 80]],
      ],
      v,
    )
    const star = stars.get(Math.round(x) + Math.round(y) * width)
    if (star !== undefined) colour = mix(colour, [235, 240, 255], star / 255)
    for (const { at, sway, reach, strength } of curtains) {
      const foot = at + sway * noise(u * 2.1 + at * 30, at * 50) + 0.035 * noise(u * 7, at * 90)
      const up = (foot - v) / reach
      const rays =
        0.55 + 0.45 * noise(u * 26 + noise(u * 5, v * 2) * 1.6, at * 77) + 0.25 * noise(u * 90, v * 1.5 + at)
      const light = (up > 0 ? Math.exp(-up * 2.1) : Math.exp(up * 16)) * clamp(rays) * strength
      const hue = gradient(
        [
          [0, [120, 255, 176]],
          [0.45, [70, 222, 170]],
          [0.9, [128, 92, 214]],
          [1.4, [190, 70, 170]],
        ],
        up,
      )
      colour = [
        colour[0] + hue[0] * light * 0.85,
        colour[1] + hue[1] * light * 0.85,
        colour[2] + hue[2] * light * 0.85,
      ]
    }
    return colour
  }
}

/** Heaped clouds over a sea with a swell, late in the day. @type {SceneMaker} */
export const openSea = (width, height) => {
  const { noise, octaves } = openNoise(53)
  const horizon = height * 0.6
  return (x, y) => {
    if (y < horizon) {
      const v = y / horizon
      const sky = gradient(
        [
          [0, [52, 104, 172]],
          [0.6, [134, 182, 214]],
          [1, [250, 222, 190]],
        ],
        v,
      )
      // Clouds flatten towards the horizon; lit from the left, so the density a little to the left is their shade.
      const depth = 1.25 - v
      const scale = width * 0.55 * depth
      const [cx, cy] = [(x - width / 2) / scale + 3, (y / height) * (2.1 / depth)]
      const warp = octaves(cx * 1.3 + 4, cy * 1.3, 4) * 0.7
      const density = octaves(cx + warp, cy + warp * 0.6, 7)
      const before = octaves(cx - 0.09 + warp, cy - 0.1 + warp * 0.6, 5)
      const cover = smooth(-0.03, 0.2, density)
      const light = clamp(0.62 + (density - before) * 2.4 - density * 0.5)
      return mix(sky, mix([112, 124, 156], [255, 246, 232], light), cover * 0.95)
    }
    const depth = (y - horizon) / (height - horizon)
    const far = 0.02 + depth
    const [wx, wy] = [(x - width / 2) / (width * far * 0.16), 5 / far]
    const swell = octaves(wx * 0.7 + wy * 0.12, wy * 1.9, 6)
    const chop = octaves(wx * 3.3, wy * 6.5 + wx, 4)
    const height01 = clamp(0.42 + swell * 0.6 + chop * 0.24)
    let sea = gradient(
      [
        [0, [12, 44, 78]],
        [0.45, [28, 88, 122]],
        [0.7, [72, 146, 164]],
        [1, [196, 224, 222]],
      ],
      height01,
    )
    const foam = smooth(0.66, 0.84, height01 + 0.1 * noise(wx * 20, wy * 26)) * smooth(0.04, 0.4, depth)
    sea = mix(sea, [244, 250, 248], foam * 0.75)
    const sheen = Math.exp(-(((x - width * 0.3) / (width * 0.2)) ** 2)) * smooth(0.5, 0, depth)
    return mix(sea, [250, 218, 184], clamp(sheen * (0.35 + chop * 1.1) + smooth(0.1, 0, depth) * 0.3))
  }
}

/** The floor of a wood out of focus: green dusk with discs of light. @type {SceneMaker} */
export const bokeh = (width, height) => {
  const { octaves } = openNoise(71)
  const next = random(19)
  const discs = Array.from({ length: 150 }, () => {
    const y = next() ** 0.8 * height * 0.95
    return {
      x: next() * width,
      y,
      radius: (0.014 + 0.05 * next() ** 1.7) * width,
      strength: 0.08 + 0.3 * next() ** 2,
      hue: mix([255, 214, 120], [150, 224, 110], next()),
    }
  })
  return (x, y) => {
    const [u, v] = [x / width, y / height]
    const fog = octaves(u * 2.2 + 5, v * 2.2, 3)
    let [r, g, b] = mix(
      gradient(
        [
          [0, [150, 178, 84]],
          [0.4, [70, 112, 52]],
          [1, [16, 36, 28]],
        ],
        v + fog * 0.25,
      ),
      [236, 216, 130],
      clamp(Math.exp(-(((u - 0.3) / 0.3) ** 2) - ((v - 0.12) / 0.32) ** 2) * 0.75 + fog * 0.1),
    )
    for (const disc of discs) {
      const distance = Math.hypot(x - disc.x, y - disc.y) / disc.radius
      if (distance > 1.1) continue
      const light = smooth(1.08, 0.96, distance) * (0.72 + 0.5 * smooth(0.6, 0.98, distance)) * disc.strength
      r += disc.hue[0] * light
      g += disc.hue[1] * light
      b += disc.hue[2] * light
    }
    return [r, g, b]
  }
}
