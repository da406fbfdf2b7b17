import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod'
import type { WatermarkConfig } from './config.ts'
import type { Faults } from './faults.ts'
import { type PositionInput, position } from './position-schema.ts'
import { type Fields, object } from './schema-values.ts'

/** A picture laid over the results of sizes with `watermark: true`. */
export interface WatermarkInput {
  /** A picture file, its path relative to the configuration. */
  readonly file: string
  /** An edge, a corner or a point. Default: the centre. */
  readonly position?: PositionInput | undefined
  /** 0..1. Default 1. */
  readonly opacity?: number | undefined
  /** The share of the result's sides that it may fill, 0..1. Default 0: its own size. */
  readonly scale?: number | undefined
}

const SHARE_ALLOWED = 'a number 0..1'
const share = z
  .number({ error: SHARE_ALLOWED })
  .min(0, { error: SHARE_ALLOWED })
  .max(1, { error: SHARE_ALLOWED })

/** `watermark`, field by field. */
export const watermarkSchema = object({
  file: z.string({ error: 'a picture file' }),
  position: position.optional(),
  opacity: share.optional(),
  scale: share.optional(),
} satisfies Fields<WatermarkInput>)

/** `watermark` of a configuration; its file is read, because keys name it by its digest. Faults are collected. */
export const readWatermark = (
  given: z.output<typeof watermarkSchema> | undefined,
  { root, faults }: { readonly root: string; readonly faults: Faults },
): WatermarkConfig | undefined => {
  if (given === undefined) return undefined
  const { file, position: at, opacity = 1, scale = 0 } = given
  const refuse = (path: string, found: string, allowed: string): undefined => {
    faults.add({ path, found, allowed })
    return undefined
  }
  if (at === 'attention')
    refuse('watermark.position', 'attention', 'an edge, a corner, focus-X-Y or { x, y }')
  const path = resolve(root, file)
  const digest = digestFile(path)
  if (digest === undefined) return refuse('watermark.file', `${path}, which cannot be read`, 'a picture file')
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
