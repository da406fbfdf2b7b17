import * as z from 'zod'
import { boolean, type Input, object, wholeNumber } from './schema-values.ts'

const SEARCHED = {
  /**
   * Whether the smallest file that looks as its quality says is searched for each result; otherwise every picture gets
   * the same number of the encoder, in half the time.
   * Default `true`; in `serve.encoders` `false`.
   * @see What a quality promises, docs/reference/configuration.md#what-a-quality-promises
   */
  search: boolean.optional(),
}

/** Effort and options of encoders: they decide costs and file sizes, never what results show. */
export const encodersSchema = object({
  /** AVIF. Default: as below. */
  avif: object({
    /** 0..9. Default `3`; in `serve.encoders` `1`. */
    effort: wholeNumber(0, 9).optional(),
    ...SEARCHED,
  }).optional(),
  /** WebP. Default: as below. */
  webp: object({
    /** 0..6. Default `4`. */
    effort: wholeNumber(0, 6).optional(),
    ...SEARCHED,
    /**
     * Whether drawings are stored without loss where that is smaller, or, with `false`, never. Default `'smaller'`.
     * @see Never larger than needed, docs/reference/configuration.md#never-larger-than-needed
     */
    lossless: z.literal(['smaller', false], { error: "'smaller', false" }).optional(),
  }).optional(),
  /** JPEG. Default: as below. */
  jpeg: object({
    /** Whether mozjpeg encodes; `false` is libjpeg-turbo. Default `true`; in `serve.encoders` `false`. */
    mozjpeg: boolean.optional(),
    /**
     * Without mozjpeg, `false` takes a quarter of the encoder's time, for 4 % more bytes. Default `true`; in
     * `serve.encoders` `false`.
     */
    progressive: boolean.optional(),
    ...SEARCHED,
  }).optional(),
  /** PNG. Default: as below. */
  png: object({
    /** 0..9. Default: sharp's own. */
    compressionLevel: wholeNumber(0, 9).optional(),
    /**
     * When to use a palette: where it holds all colours (`exact`), also where nobody sees a difference (`look`), or
     * never (`false`). Default `'exact'`.
     * @see Never larger than needed, docs/reference/configuration.md#never-larger-than-needed
     */
    palette: z.literal(['exact', 'look', false], { error: "'exact', 'look', false" }).optional(),
  }).optional(),
  /** GIF. Default: as below. */
  gif: object({
    /** 1..10. Default: sharp's own, 6. */
    effort: wholeNumber(1, 10).optional(),
  }).optional(),
})

/** What `encoders` may contain. */
export interface EncodersInput extends Input<typeof encodersSchema> {}
