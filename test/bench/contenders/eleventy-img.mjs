/**
 * @11ty/eleventy-img from the folder `tools`, at its own concurrency; `formats` without options at its own defaults.
 * Arguments: one JSON object {tools, sources, out, widths, formats}.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const { tools, sources, out, widths, formats } = JSON.parse(process.argv[2])
const path = createRequire(join(tools, 'package.json')).resolve('@11ty/eleventy-img')
const { default: Image } = await import(pathToFileURL(path).href)
const optionsOf = (name) => formats.find((format) => format.name === name)?.options ?? {}

await Promise.all(
  sources.map((source) =>
    Image(source, {
      widths,
      formats: formats.map(({ name }) => name),
      outputDir: out,
      useCache: false,
      sharpOptions: { animated: true },
      sharpWebpOptions: optionsOf('webp'),
      sharpJpegOptions: optionsOf('jpeg'),
      sharpAvifOptions: optionsOf('avif'),
    }),
  ),
)
