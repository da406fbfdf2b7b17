/**
 * What one writes first: a fresh pipeline for every output, as many at once as there are cores.
 * Arguments: one JSON object {photos, out, widths, formats}.
 */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import sharp from 'sharp'

const { photos, out, widths, formats } = JSON.parse(process.argv[2])
mkdirSync(out, { recursive: true })
const jobs = photos.flatMap((photo) =>
  widths.flatMap((width) => formats.map((format) => ({ photo, width, format }))),
)

const make = ({ photo, width, format }) => {
  const pipeline = sharp(photo).rotate().resize({ width, withoutEnlargement: true })
  const encoded =
    format.name === 'webp'
      ? pipeline.webp(format.options)
      : format.name === 'avif'
        ? pipeline.avif(format.options)
        : pipeline.jpeg(format.options)
  return encoded.toFile(join(out, `${basename(photo)}-${width}.${format.name}`))
}

const work = async () => {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await make(job)
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
