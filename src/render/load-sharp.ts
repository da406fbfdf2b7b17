import { dirname, join } from 'node:path'
import type sharpPackage from 'sharp'

/**
 * sharp as `ours` finds it. Its JavaScript is 70 files, and to find and read them takes half of its start. Beside the compiled
 * process lies one file of all of it, for the version that was there when we were compiled (`bundle.ts`).
 */
export const loadSharp = (ours: NodeJS.Require): typeof sharpPackage => {
  try {
    const { version } = ours(join(dirname(ours.resolve('sharp')), '../package.json')) as { version: string }
    return ours(`./sharp-${version}.cjs`)
  } catch {
    return ours('sharp') // another version, or none: then this says why
  }
}
