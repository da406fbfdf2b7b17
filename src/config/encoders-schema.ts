import * as z from 'zod'
import { boolean, type Fields, object, wholeNumber } from './schema-values.ts'

/** Effort and options of encoders: they decide costs and file sizes, never what results show. */
export interface EncodersInput {
  /** Effort 0..9. */
  readonly avif?: (Search & { readonly effort?: number | undefined }) | undefined
  /** Effort 0..6. */
  readonly webp?:
    | (Search & {
        readonly effort?: number | undefined
        /** Whether drawings are stored without loss where that is `smaller`, or never. */
        readonly lossless?: 'smaller' | false | undefined
      })
    | undefined
  /** Without mozjpeg, `progressive: false` takes a quarter of the encoder's time, for 4 % more bytes. */
  readonly jpeg?:
    | (Search & { readonly mozjpeg?: boolean | undefined; readonly progressive?: boolean | undefined })
    | undefined
  /** Compression level 0..9. */
  readonly png?:
    | {
        readonly compressionLevel?: number | undefined
        /**
         * When to use a palette: where it holds all colours (`exact`), also where nobody sees a difference (`look`),
         * or never.
         */
        readonly palette?: 'exact' | 'look' | false | undefined
      }
    | undefined
  /** Effort 1..10. */
  readonly gif?: { readonly effort?: number | undefined } | undefined
}

interface Search {
  /**
   * Whether the smallest file that looks as its quality says is searched for each result; otherwise every picture
   * gets the same number of the encoder, in half the time. Default true; of `serve` false.
   */
  readonly search?: boolean | undefined
}

/** The options of encoders, field by field. */
export const encodersSchema = object({
  avif: object({ effort: wholeNumber(0, 9).optional(), search: boolean.optional() }).optional(),
  webp: object({
    effort: wholeNumber(0, 6).optional(),
    search: boolean.optional(),
    lossless: z.literal(['smaller', false], { error: "'smaller', false" }).optional(),
  }).optional(),
  jpeg: object({
    mozjpeg: boolean.optional(),
    progressive: boolean.optional(),
    search: boolean.optional(),
  }).optional(),
  png: object({
    compressionLevel: wholeNumber(0, 9).optional(),
    palette: z.literal(['exact', 'look', false], { error: "'exact', 'look', false" }).optional(),
  }).optional(),
  gif: object({ effort: wholeNumber(1, 10).optional() }).optional(),
} satisfies Fields<EncodersInput>)
