/**
 * What one writes first: a fresh pipeline for every output, as many at once as there are cores.
 * Arguments: one JSON object {sources, out, widths, formats}.
 */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import sharp from 'sharp'

const { sources, out, widths, formats } = JSON.parse(process.argv[2])
mkdirSync(out, { recursive: true })
const jobs = sources.flatMap((source) =>
  widths.flatMap((width) => formats.map((format) => ({ source, width, format }))),
)

const make = ({ source, width, format: { name, options } }) =>
  sharp(source, { animated: source.endsWith('.gif') })
    .rotate()
    .resize({ width, withoutEnlargement: !source.endsWith('.svg') })
    .toFormat(name, options)
    .toFile(join(out, `${basename(source)}-${width}.${name}`))

const work = async () => {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await make(job)
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
