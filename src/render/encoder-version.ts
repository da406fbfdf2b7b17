import { createRequire } from 'node:module'
import type sharpPackage from 'sharp'
import { FORMATS, type Format, type RasterFormat } from '../core/format.ts'
import { loadSharp } from './load-sharp.ts'
import { lazily } from './wasm.ts'

/** Which libraries write each format. */
export type EncoderVersions = Readonly<Partial<Record<Format, string>>>

const LIBRARIES = {
  avif: ['heif', 'aom'],
  webp: ['webp'],
  jpg: ['mozjpeg'],
  png: ['png', 'zlib-ng'],
  gif: ['cgif', 'imagequant'],
} as const satisfies Record<RasterFormat, readonly (keyof typeof sharpPackage.versions)[]>

/**
 * Loaded only when asked for: a build learns them from its render processes, and saves the 40 ms of loading libvips.
 */
const readVersions = lazily(() => loadSharp(createRequire(import.meta.url)).versions)

/**
 * The encoder of a format: libvips and the codecs; for a vector only this program. A system's libvips does not name
 * its codecs. Our own revision is part of the recipe (`core/encoder.ts`).
 */
export const encoderVersion = (format: Format): string => {
  if (format === 'svg') return 'imgsizes'
  const versions = readVersions()
  const codecs = LIBRARIES[format].map((library) => `${library}-${versions[library] ?? 'system'}`)
  return [`vips-${versions.vips}`, ...codecs].join(' ')
}

/** The encoder of each format that can be written. */
export const listEncoderVersions = (): EncoderVersions =>
  Object.fromEntries(FORMATS.map((format) => [format, encoderVersion(format)]))
