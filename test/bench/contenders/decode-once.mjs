/**
 * The next idea: each source is decoded once, to its largest width, and all files are made of those pixels; as many
 * sources at once as there are cores. Arguments: one JSON object {sources, out, widths, formats}.
 */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import sharp from 'sharp'

const { sources, out, widths, formats } = JSON.parse(process.argv[2])
mkdirSync(out, { recursive: true })
const left = [...sources]

const makeAll = async (source) => {
  const enlarges = source.endsWith('.svg')
  const { data, info } = await sharp(source, { animated: source.endsWith('.gif') })
    .rotate()
    .resize({ width: Math.max(...widths), withoutEnlargement: !enlarges })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const raw = { ...info, pageHeight: info.height / (info.pages ?? 1) }
  for (const width of widths)
    for (const { name, options } of formats)
      await sharp(data, { raw })
        .resize({ width, withoutEnlargement: true })
        .toFormat(name, options)
        .toFile(join(out, `${basename(source)}-${width}.${name}`))
}

const work = async () => {
  for (let source = left.shift(); source !== undefined; source = left.shift()) await makeAll(source)
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
