import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Config } from '../config/config.ts'
import { Problem } from '../core/problem.ts'
import type { Placeholder } from './problems.ts'

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.webp', 'image/webp'],
  ['.avif', 'image/avif'],
  ['.gif', 'image/gif'],
])

/** The configured placeholder, read once at the start; Problem `config-invalid` where it cannot be. */
export const readPlaceholder = ({ serve }: Pick<Config, 'serve'>): Placeholder | undefined => {
  const { placeholder: path } = serve
  if (path === undefined) return undefined
  const contentType = TYPES.get(extname(path).toLowerCase()) ?? 'application/octet-stream'
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
