import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import manifest from '../../package.json' with { type: 'json' }
import { openCompiler } from './compiler.ts'
import { formatConfigInput } from './config-input.ts'
import { readOptions } from './options.ts'

/** A part of `npm run build`: what editors know of a configuration, in TypeScript and in JSON. */
const root = fileURLToPath(new URL('../..', import.meta.url))
using compiler = openCompiler()
writeFileSync(join(root, 'dist/config/config-input.d.ts'), formatConfigInput(compiler))
writeFileSync(join(root, 'dist/config.schema.json'), JSON.stringify(readOptions(compiler).schema))

/** Types that no face leads to are not published. */
const kept = new Set<string>()
const keep = (file: string): void => {
  if (kept.has(file)) return
  kept.add(file)
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/['"](\.[^'"\n]*)\.ts['"]/g))
    keep(join(dirname(file), `${path}.d.ts`))
}
for (const face of Object.values(manifest.exports)) if (typeof face !== 'string') keep(join(root, face.types))
for (const name of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }))
  if (name.endsWith('.d.ts') && !kept.has(join(root, 'dist', name))) rmSync(join(root, 'dist', name))
