import { existsSync } from 'node:fs'
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

type Versions = typeof sharpPackage.versions

const readVersions = lazily((): Versions => {
  const ours = createRequire(import.meta.url)
  return readPrebuiltVersions(ours) ?? loadSharp(ours).versions
})

/**
 * The same from the package of the libvips that sharp brings, as sharp's `utility.js` reads them, without the 40 ms that
 * it takes to load. Undefined where sharp may have another one: it was built on this machine, or there are packages for
 * two systems, or none.
 */
const readPrebuiltVersions = (ours: NodeJS.Require): Versions | undefined => {
  const sharps = createRequire(ours.resolve('sharp'))
  if (existsSync(sharps.resolve('../package.json').replace(/package\.json$/, 'src/build'))) return undefined
  const systems = process.platform === 'linux' ? ['linux', 'linuxmusl'] : [process.platform]
  const found = systems.flatMap((system): readonly Versions[] => {
    const platform = `${system}-${process.arch}`
    try {
      sharps.resolve(`@img/sharp-${platform}/sharp.node`)
      return [sharps(`@img/sharp-libvips-${platform}/versions`)]
    } catch {
      return []
    }
  })
  return found.length === 1 ? found[0] : undefined
}

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
