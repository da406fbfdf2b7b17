/**
 * The floor: one whole decode of each source, and every encode from pixels that lie ready. Resampling is done
 * beforehand and not counted. Arguments: one JSON object {sources, widths, formats}. Prints {wallMs, cpuMs}.
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import sharp from 'sharp'

const { sources: photos, widths, formats } = JSON.parse(process.argv[2])
sharp.cache(false)
sharp.concurrency(1)

const prepare = async (photo) => {
  const bytes = await readFile(photo)
  const { data, info } = await sharp(bytes).rotate().raw().toBuffer({ resolveWithObject: true })
  const targets = [...new Set(widths.map((width) => Math.min(width, info.width)))]
  const ready = await Promise.all(
    targets.map((width) =>
      sharp(data, { raw: info }).resize({ width }).raw().toBuffer({ resolveWithObject: true }),
    ),
  )
  return { bytes, ready }
}

const encode = ({ data, info }, { name, options }) => {
  const picture = sharp(data, { raw: info })
  return (
    name === 'webp' ? picture.webp(options) : name === 'avif' ? picture.avif(options) : picture.jpeg(options)
  ).toBuffer()
}

const ready = []
for (const photo of photos) ready.push(await prepare(photo))
const startedAt = performance.now()
const before = process.cpuUsage()
const work = async () => {
  for (let source = ready.shift(); source !== undefined; source = ready.shift()) {
    await sharp(source.bytes).rotate().raw().toBuffer()
    for (const pixels of source.ready) for (const format of formats) await encode(pixels, format)
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 }))
