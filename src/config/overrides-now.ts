import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeUnreadable, errorCodeOf } from '../core/error-code.ts'
import { mergeOverrides, type Override } from '../core/override.ts'
import { Problem } from '../core/problem.ts'
import { type SourceKey, sidecarOf } from '../core/source-key.ts'
import { type Config, describePlace, folderOf, locateSource } from './config.ts'
import { parseOverrides, parseSidecar } from './overrides.ts'

/**
 * What is said of pictures as this machine's disk has it, at once, for pages that are made of a configuration alone.
 * Problems `overrides-missing` (also where it lies in a bucket, which takes waiting for), `overrides-invalid`.
 */
export const createOverridesNow = (config: Config): ((source: SourceKey) => Override | undefined) => {
  const { overrides, sidecars, sources } = config
  const sizes = config.sizes.map(({ name }) => name)
  if (overrides === undefined && !sidecars) return () => undefined
  let file: ReturnType<typeof parseOverrides> | undefined
  const ofFile = (source: SourceKey): Override | undefined => {
    if (overrides === undefined) return undefined
    if (overrides.kind === 'object')
      return refuse(`${describePlace(overrides.folder).uri} cannot be read at once`)
    file ??= parseOverrides(readNow(overrides.path) ?? refuse(`${overrides.path} does not exist`), {
      file: overrides.path,
      sizes,
    })
    return file.of(source)
  }
  const ofSidecar = (source: SourceKey): Override | undefined => {
    const at = sidecars ? locateSource(sources, source) : undefined
    if (at === undefined) return undefined
    const folder = folderOf(at.place)
    if (folder === undefined) return refuse('sidecars cannot be read at once from where the originals are')
    const text = readNow(join(folder, sidecarOf(at.inner)))
    return text === undefined ? undefined : parseSidecar(text, { file: sidecarOf(source), sizes })
  }
  return (source) => {
    const [under, over] = [ofFile(source), ofSidecar(source)]
    return over === undefined ? under : mergeOverrides(under, over)
  }
}

const readNow = (path: string): string | undefined => {
  try {
    return new TextDecoder().decode(readFileSync(path))
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw new Problem('file-not-read', `${path} ${describeUnreadable(error)}`, {
      subject: path,
      cause: error,
    })
  }
}

const refuse = (what: string): never => {
  throw new Problem('overrides-missing', `${what}: what is said of single pictures is not known.`, {
    hint: 'Give images.json (imgsizes build --images images.json), which holds it.',
  })
}
