import { createRequire } from 'node:module'
import type sharpPackage from 'sharp'
import { FORMATS, type Format, type RasterFormat } from '../core/format.ts'
import { lazily } from './wasm.ts'

/** Who writes each format. */
export type EncoderVersions = Readonly<Partial<Record<Format, string>>>

const LIBRARIES = {
  avif: ['heif', 'aom'],
  webp: ['webp'],
  jpg: ['mozjpeg'],
  png: ['png', 'zlib-ng'],
  gif: ['cgif', 'imagequant'],
} as const satisfies Record<RasterFormat, readonly (keyof typeof sharpPackage.versions)[]>

/** Asked for late: a build hears them of the processes that render, and is spared 40 ms to load libvips once more. */
const readVersions = lazily(() => (createRequire(import.meta.url)('sharp') as typeof sharpPackage).versions)

/** Who writes a format: libvips and the codecs, of a vector we alone. Our own revision is part of the recipe (`core/encoder.ts`). A system's libvips does not name its codecs. */
export const encoderVersion = (format: Format): string => {
  if (format === 'svg') return 'imgsizes'
  const versions = readVersions()
  const codecs = LIBRARIES[format].map((library) => `${library}-${versions[library] ?? 'system'}`)
  return [`vips-${versions.vips}`, ...codecs].join(' ')
}

export const listEncoderVersions = (): EncoderVersions =>
  Object.fromEntries(FORMATS.map((format) => [format, encoderVersion(format)]))
