import * as z from 'zod'
import { background, quality } from './schema.ts'
import { boolean, type Fields, object } from './schema-values.ts'

/** A point of a picture: its parts of the width from the left and of the height from the top, each 0..1. */
type FocusInput = readonly [x: number, y: number]

/** What the file of overrides says of one size of a picture. */
interface SizeOverrideInput {
  /** Decides every crop: positions of `cover`, `attention` included. */
  readonly focus?: FocusInput | undefined
  /** 1..100. */
  readonly quality?: number | undefined
  /** `#rrggbb`. */
  readonly background?: string | undefined
}

/** What the file of overrides says of one picture, or a sidecar of its own. */
export interface OverrideInput extends SizeOverrideInput {
  readonly sizes?: Readonly<Record<string, SizeOverrideInput>> | undefined
  /** The text for who cannot see it; "" where it only adorns. */
  readonly alt?: string | undefined
  /** Whether `build` makes nothing of it. */
  readonly exclude?: boolean | undefined
}

const FOCUS = '[x, y], two numbers 0..1 from the left and the top, such as [0.5, 0.25]'
const share = z.number({ error: FOCUS }).min(0, { error: FOCUS }).max(1, { error: FOCUS })

/** Half up. Of 0.2875 a product with 1000 may be a hair less than 287.5. */
const toPerMille = (part: number): number => Math.round(Number((part * 1000).toPrecision(12)))

const focus = z
  .tuple([share, share], { error: FOCUS })
  .transform(([x, y]) => ({ x: toPerMille(x), y: toPerMille(y) }))

const sizeFields = {
  focus: focus.exactOptional(),
  quality: quality.exactOptional(),
  background: background.exactOptional(),
} satisfies Fields<SizeOverrideInput>

/** One picture's override, as it is used. */
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
