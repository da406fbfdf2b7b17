import sharp from 'sharp'
import type { Format } from '../core/format.ts'
import { RENDER_REVISION } from './revision.ts'

const LIBRARIES = {
  avif: ['heif', 'aom'],
  webp: ['webp'],
  jpg: ['mozjpeg'],
  png: ['png', 'zlib-ng'],
  gif: ['cgif', 'imagequant'],
} as const satisfies Record<Format, readonly (keyof typeof sharp.versions)[]>

/** Who writes a format: our own revision, libvips and the codecs. A system's libvips does not name its codecs. */
export const encoderVersion = (format: Format): string =>
  [
    `r${RENDER_REVISION}`,
    `vips-${sharp.versions.vips}`,
    ...LIBRARIES[format].map((library) => `${library}-${sharp.versions[library] ?? 'system'}`),
  ].join(' ')
