import { readFile, writeFile } from 'node:fs/promises'
import { openCompiler } from './compiler.ts'
import { formatConfiguration } from './configuration.ts'
import { readOptions } from './options.ts'
import { formatProblems } from './problems.ts'

/** `npm run docs`: writes what the reference takes from the code. A test fails where it is out of date. */
const reference = new URL('../reference/', import.meta.url)
await writeFile(new URL('problems.md', reference), formatProblems())
const configuration = new URL('configuration.md', reference)
using compiler = openCompiler()
const { rows } = readOptions(compiler)
await writeFile(configuration, formatConfiguration(await readFile(configuration, 'utf8'), rows))
