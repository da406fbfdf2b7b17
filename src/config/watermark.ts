import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod'
import type { WatermarkConfig } from './config.ts'
import type { Faults } from './faults.ts'
import { position } from './position-schema.ts'
import { type Input, object, share } from './schema-values.ts'

/** A picture laid over the results of sizes with `watermark: true`. */
export const watermarkSchema = object({
  /** A picture file, its path relative to the configuration. */
  file: z.string({ error: 'a picture file' }),
  /** An edge, a corner or a point. Default: the centre. */
  position: position.optional(),
  /** 0..1. Default `1`. */
  opacity: share.prefault(1),
  /** The share of the result's sides that it may fill, 0..1; with 0 it has its own size. Default `0`. */
  scale: share.prefault(0),
})

/** What `watermark` may contain. */
export interface WatermarkInput extends Input<typeof watermarkSchema> {}

/** `watermark` of a configuration; its file is read, because keys name it by its digest. Faults are collected. */
export const readWatermark = (
  given: z.output<typeof watermarkSchema> | undefined,
  { root, faults }: { readonly root: string; readonly faults: Faults },
): WatermarkConfig | undefined => {
  if (given === undefined) return undefined
  const { file, position: at, opacity, scale } = given
  if (at === 'attention')
    faults.add('watermark.position', 'attention', 'an edge, a corner, focus-X-Y or { x, y }')
  const path = resolve(root, file)
  const digest = digestFile(path)
  if (digest === undefined)
    return faults.add('watermark.file', `${path}, which cannot be read`, 'a picture file')
  return {
    path,
    id: digest.slice(0, 6),
    ...(at !== undefined && at !== 'centre' && at !== 'attention' && { position: at }),
    opacity,
    scale,
  }
}

const digestFile = (path: string): string | undefined => {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return undefined // whatever the reason, the user has to look at the path
  }
}
