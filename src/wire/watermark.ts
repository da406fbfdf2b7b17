import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { Problem } from '../core/problem.ts'
import type { Watermark } from '../render/port.ts'

/** The configured watermark with its bytes, for a renderer. Problem `config-invalid` where it is gone meanwhile. */
export const openWatermark = ({ watermark }: Config): { readonly watermark?: Watermark } => {
  if (watermark === undefined) return {}
  const { path, ...settings } = watermark
  try {
    return { watermark: { ...settings, bytes: new Uint8Array(readFileSync(path)) } }
  } catch (cause) {
    throw new Problem('config-invalid', `watermark.file: ${path} cannot be read.`, {
      subject: 'watermark.file',
      cause,
    })
  }
}
