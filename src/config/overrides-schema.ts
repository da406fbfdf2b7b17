import * as z from 'zod'
import { background, quality } from './schema.ts'
import { boolean, type Input, object } from './schema-values.ts'

const FOCUS = '[x, y], two whole numbers 0..1000, per mille from the left and the top, such as [500, 250]'
const perMille = z.int({ error: FOCUS }).min(0, { error: FOCUS }).max(1000, { error: FOCUS })

const focus = z.tuple([perMille, perMille], { error: FOCUS }).transform(([x, y]) => ({ x, y }))

const sizeFields = {
  /** The point that every crop keeps, also crops with a `position`, even `attention`. */
  focus: focus.exactOptional(),
  /** 1..100. */
  quality: quality.exactOptional(),
  /** `#rrggbb`. */
  background: background.exactOptional(),
}

/** What the file of overrides, or a sidecar, sets for one picture. */
export const overrideSchema = object({
  ...sizeFields,
  /** The same for single sizes. */
  sizes: z
    .record(z.string(), object(sizeFields), {
      error: 'an object of names of sizes, each with { focus, quality, background }',
    })
    .exactOptional(),
  /** The text for people who cannot see it; "" where it is only decoration. */
  alt: z.string({ error: 'a text' }).exactOptional(),
  /** Whether `build` makes nothing of it. */
  exclude: boolean.exactOptional(),
})

/** An override as it is written. */
export interface OverrideInput extends Input<typeof overrideSchema> {}
