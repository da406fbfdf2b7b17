/**
 * Makes the sample pictures under `test/samples/photos`, the same every time: `node test/samples/make-samples.mjs`.
 *
 * They stand in for photographs (gradients, texture, fine detail) without a licence to mind, and have what real
 * collections have: a portrait that only EXIF turns upright, a name to keep, transparency, movement, a drawing.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { branch, compass, firs, portrait } from './drawings.mjs'
import { clamp, gradient, mix, openNoise, random, smooth } from './noise.mjs'
import { aurora, bokeh, dunes, mountainLake, openSea } from './scenes.mjs'

const ROOT = new URL('./photos/', import.meta.url)

const main = async () => {
  await rm(ROOT, { recursive: true, force: true })
  await write('landscape/mountain-lake.jpg', jpeg(paint(2400, 1600, mountainLake)))
  await write('landscape/dunes.jpg', jpeg(paint(2560, 1440, dunes), 74))
  await write('landscape/aurora.jpg', jpeg(over(paint(1600, 2400, aurora), firs(1600, 2400)), 74))
  await write('landscape/open-sea.jpg', turned(await paint(1800, 2400, openSea).png().toBuffer()))
  await write('nature/leaves.jpg', jpeg(over(paint(2400, 1600, bokeh), branch(2400, 1600))))
  await write('avatars/ada.jpg', jpeg(sharp(Buffer.from(portrait(1600, ADA))), 84))
  await write('avatars/noor.jpg', jpeg(sharp(Buffer.from(portrait(1600, NOOR))), 84))
  await write('products/vase.png', vase(960, 1200).png({ compressionLevel: 9 }))
  await write('motion/moon.gif', moon(480, 320, 24))
  await write('icons/compass.svg', compass())
}

const ADA = {
  ground: ['#9fd3c7', '#3d7f86', '#1c4654'],
  skin: ['#f9d5b8', '#eab38e', '#cf8f6c'],
  hair: ['#8a4a24', '#5a2a14', '#38180c'],
  shirt: ['#f2c14e', '#d98b2b'],
  longHair: true,
}
const NOOR = {
  ground: ['#f6c9a0', '#d9775a', '#7c3350'],
  skin: ['#c98f64', '#a96d45', '#7f4c2e'],
  hair: ['#3a322e', '#1f1a18', '#0f0c0b'],
  shirt: ['#4f7cac', '#274060'],
  longHair: false,
}

/**
 * Painted a quarter larger and reduced, which takes the steps off every edge.
 * @param {number} width @param {number} height @param {import('./scenes.mjs').SceneMaker} make
 */
const paint = (width, height, make) => {
  const [w, h] = [width * 1.25, height * 1.25]
  const scene = make(w, h)
  const next = random(101)
  const samples = Buffer.alloc(w * h * 3)
  for (let y = 0, i = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const grain = (next() + next() - 1) * 5
      for (const value of scene(x, y)) samples[i++] = clamp(Math.round(value + grain), 0, 255)
    }
  return sharp(samples, { raw: { width: w, height: h, channels: 3 } }).resize(width, height)
}

/** @param {sharp.Sharp} picture @param {string} svg */
const over = (picture, svg) => picture.composite([{ input: Buffer.from(svg) }])

/** @param {sharp.Sharp} picture */
const jpeg = (picture, quality = 78) => picture.flatten().jpeg({ quality, mozjpeg: true })

/** As a telephone stores a portrait: lying on its side, EXIF says so; and who took it, and where. @param {Buffer} upright */
const turned = (upright) =>
  jpeg(sharp(upright).rotate(270), 72)
    .withExif({
      IFD0: {
        Copyright: '(C) 2024 Mira Lindqvist, CC BY 4.0',
        Artist: 'Mira Lindqvist',
        Make: 'Example',
        Model: 'One',
      },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '59/1 19/1 30/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '18/1 4/1 7/1',
      },
    })
    .withMetadata({ orientation: 6 })

/** A glazed vase, turned and lit from the left; nothing around it but its own soft shadow. */
const vase = (/** @type {number} */ width, /** @type {number} */ height) => {
  const { octaves } = openNoise(91)
  const [top, foot, middle] = [height * 0.1, height * 0.9, width / 2]
  const radiusAt = (/** @type {number} */ t) => {
    const belly = Math.exp(-(((t - 0.62) / 0.27) ** 2)) * 0.27
    const lip = Math.exp(-((t / 0.05) ** 2)) * 0.045
    return width * (0.085 + belly + lip - 0.03 * smooth(0.86, 1, t))
  }
  const samples = Buffer.alloc(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const t = (y - top) / (foot - top)
      const radius = t >= 0 && t <= 1 ? radiusAt(t) : 0
      const across = radius > 0 ? (x + 0.5 - middle) / radius : 9
      const cover = radius > 0 ? clamp((1 - Math.abs(across)) * radius + 0.5) : 0
      const shadow =
        0.5 *
        Math.exp(
          -(((x - middle - width * 0.05) / (width * 0.26)) ** 2) - ((y - foot) / (height * 0.018)) ** 2,
        )
      const depth = Math.sqrt(Math.max(0, 1 - across * across))
      const slope =
        radius > 0 ? (radiusAt(clamp(t + 0.004)) - radiusAt(clamp(t - 0.004))) / ((foot - top) * 0.008) : 0
      const light = clamp(0.18 + 0.72 * (-0.55 * across + 0.62 * depth - 0.45 * slope))
      const turn = Math.asin(clamp(across, -1, 1))
      const flow = octaves(turn * 2.2 + 9, t * 5, 5) * 0.06
      const glaze = gradient(
        [
          [0, [22, 64, 82]],
          [0.34, [34, 118, 128]],
          [0.5, [88, 170, 158]],
          [0.58, [222, 196, 150]],
          [1, [196, 128, 84]],
        ],
        t + flow,
      )
      const speckle = octaves(turn * 34, t * 60, 2) > 0.52 ? 0.25 : 0
      let colour = mix(mix([10, 18, 26], glaze, 0.25 + light * 0.95), [30, 24, 20], speckle)
      const shine = Math.exp(-(((across + 0.42) / 0.1) ** 2)) * smooth(0.02, 0.2, t) * smooth(0.95, 0.55, t)
      colour = mix(colour, [255, 255, 250], clamp(shine * 0.55))
      colour = mix(colour, [150, 190, 200], 0.35 * smooth(0.86, 1, across))
      const alpha = clamp(cover + shadow * (1 - cover))
      const shown = alpha === 0 ? [0, 0, 0] : mix([12, 14, 20], colour, cover / alpha)
      samples.set(
        [...shown.map((value) => clamp(Math.round(value), 0, 255)), Math.round(alpha * 255)],
        (y * width + x) * 4,
      )
    }
  return sharp(samples, { raw: { width, height, channels: 4 } })
}

/** The moon goes over hills once, for ever. */
const moon = (/** @type {number} */ width, /** @type {number} */ height, /** @type {number} */ frames) => {
  const { octaves } = openNoise(7)
  const samples = Buffer.alloc(width * height * frames * 3)
  for (let frame = 0, i = 0; frame < frames; frame++) {
    const turn = frame / frames
    const [mx, my] = [width * (turn * 1.3 - 0.15), height * (0.62 - 0.42 * Math.sin(turn * Math.PI))]
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const distance = Math.hypot(x - mx, y - my)
        let colour = mix([12, 18, 46], [66, 74, 120], y / height)
        colour = mix(colour, [200, 206, 230], 0.55 * Math.exp(-distance / 60))
        colour = mix(colour, [250, 246, 226], smooth(25, 23, distance))
        for (const [base, tone] of /** @type {const} */ ([
          [0.7, [38, 46, 84]],
          [0.8, [24, 30, 60]],
          [0.9, [12, 16, 36]],
        ])) {
          const crest = height * (base + 0.09 * octaves((x / width) * 3 + base * 50, base * 9, 4))
          colour = mix(colour, tone, smooth(-1, 1, y - crest))
        }
        for (const value of colour) samples[i++] = Math.round(value)
      }
  }
  return sharp(samples, { raw: { width, height: height * frames, channels: 3, pageHeight: height } }).gif({
    delay: Array.from({ length: frames }, () => 80),
    loop: 0,
    colours: 64,
    dither: 0.3,
    effort: 7,
  })
}

/** @param {string} name @param {sharp.Sharp | string} picture */
const write = async (name, picture) => {
  const bytes = typeof picture === 'string' ? Buffer.from(picture) : await picture.toBuffer()
  const file = fileURLToPath(new URL(name, ROOT))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
  console.log(`${name}: ${Math.round(bytes.length / 1000)} kB`)
}

await main()
