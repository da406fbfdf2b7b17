import type { Format, RasterFormat } from '../core/format.ts'
import { sharp } from './sharp.ts'

const LIBRARIES = {
  avif: ['heif', 'aom'],
  webp: ['webp'],
  jpg: ['mozjpeg'],
  png: ['png', 'zlib-ng'],
  gif: ['cgif', 'imagequant'],
} as const satisfies Record<RasterFormat, readonly (keyof typeof sharp.versions)[]>

/** Who writes a format: libvips and the codecs, of a vector we alone. Our own revision is part of the recipe (`core/encoder.ts`). A system's libvips does not name its codecs. */
export const encoderVersion = (format: Format): string =>
  format === 'svg'
    ? 'imgsizes'
    : [
        `vips-${sharp.versions.vips}`,
        ...LIBRARIES[format].map((library) => `${library}-${sharp.versions[library] ?? 'system'}`),
      ].join(' ')
