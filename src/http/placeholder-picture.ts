import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { contentTypeOf, formatOfName } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import type { PlaceholderPicture } from './problems.ts'

/** The configured placeholder, read once at the start; Problem `config-invalid` where it cannot be read. */
export const readPlaceholder = ({ serve }: Pick<Config, 'serve'>): PlaceholderPicture | undefined => {
  const { placeholder: path } = serve
  if (path === undefined) return undefined
  const format = formatOfName(path)
  const contentType = format === undefined ? 'application/octet-stream' : contentTypeOf(format)
  try {
    return { bytes: new Uint8Array(readFileSync(path)), contentType }
  } catch (cause) {
    throw new Problem('config-invalid', `serve.placeholder: ${path} cannot be read.`, {
      subject: 'serve.placeholder',
      hint: 'Correct the path, which is relative to the configuration.',
      cause,
    })
  }
}
