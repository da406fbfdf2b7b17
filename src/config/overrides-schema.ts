import * as z from 'zod'
import { background, quality } from './schema.ts'
import { boolean, type Fields, object } from './schema-values.ts'

/** A point of a picture in whole per mille: 0..1000 of its width from the left, 0..1000 of its height from the top. */
type FocusInput = readonly [x: number, y: number]

/** What the file of overrides sets for one size of a picture. */
interface SizeOverrideInput {
  /** The point that every crop keeps, also crops with a `position`, even `attention`. */
  readonly focus?: FocusInput | undefined
  /** 1..100. */
  readonly quality?: number | undefined
  /** `#rrggbb`. */
  readonly background?: string | undefined
}

/** What the file of overrides, or a sidecar, sets for one picture. */
export interface OverrideInput extends SizeOverrideInput {
  readonly sizes?: Readonly<Record<string, SizeOverrideInput>> | undefined
  /** The text for people who cannot see it; "" where it is only decoration. */
  readonly alt?: string | undefined
  /** Whether `build` makes nothing of it. */
  readonly exclude?: boolean | undefined
}

const FOCUS = '[x, y], two whole numbers 0..1000, per mille from the left and the top, such as [500, 250]'
const perMille = z.int({ error: FOCUS }).min(0, { error: FOCUS }).max(1000, { error: FOCUS })

const focus = z.tuple([perMille, perMille], { error: FOCUS }).transform(([x, y]) => ({ x, y }))

const sizeFields = {
  focus: focus.exactOptional(),
  quality: quality.exactOptional(),
  background: background.exactOptional(),
} satisfies Fields<SizeOverrideInput>

/** One picture's override, read. */
export const overrideSchema = object({
  ...sizeFields,
  sizes: z
    .record(z.string(), object(sizeFields), {
      error: 'an object of names of sizes, each with { focus, quality, background }',
    })
    .exactOptional(),
  alt: z.string({ error: 'a text' }).exactOptional(),
  exclude: boolean.exactOptional(),
} satisfies Fields<OverrideInput>)
