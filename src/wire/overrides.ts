import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Config, type FilePlace, locateSource } from '../config/config.ts'
import { type ChangeOverride, editOverrides, editSidecar } from '../config/edit-overrides.ts'
import { type Overrides, type OverridesContext, parseOverrides } from '../config/overrides.ts'
import { Problem } from '../core/problem.ts'
import { type SourceKey, sidecarOf } from '../core/source-key.ts'
import { unreachable } from '../core/unreachable.ts'
import { openSharedText, type SharedText } from './override-file.ts'

type OverridesConfig = Pick<Config, 'overrides' | 'sidecars' | 'sources' | 'sizes'>

/**
 * Reads the file of `overrides`; undefined where none is configured. A file that says the same as before is not parsed
 * again. Problems `overrides-missing`, `overrides-invalid`, and those of its place.
 */
export const createOverridesReader = (config: OverridesConfig): (() => Promise<Overrides | undefined>) => {
  const { overrides: place } = config
  if (place === undefined) return async () => undefined
  let last: { readonly digest: string; readonly overrides: Overrides } | undefined
  return () =>
    using(place, async (shared) => {
      const text = await shared.read()
      if (text !== undefined) {
        const digest = createHash('sha256').update(text).digest('hex')
        if (last?.digest !== digest)
          last = { digest, overrides: parseOverrides(text, toContext(config, shared.place)) }
        return last.overrides
      }
      throw new Problem('overrides-missing', `${shared.place} does not exist`, {
        subject: shared.place,
        hint: 'Write {} into it, or correct `overrides` of the configuration.',
      })
    })
}

/**
 * Changes the override of one picture where it takes effect: in its sidecar if it has one or no file is configured;
 * otherwise in the file, which is made if needed. Problems `overrides-invalid` (the text is wrong before or after),
 * `overrides-changing`, `overrides-missing` (neither is configured), and those of the place.
 */
export const changeOverride = async (
  config: OverridesConfig,
  source: SourceKey,
  change: ChangeOverride,
): Promise<void> => {
  const sidecar = config.sidecars ? placeOfSidecar(config, source) : undefined
  const { overrides } = config
  const isOwn = sidecar !== undefined && (overrides === undefined || (await exists(sidecar)))
  const place = isOwn ? sidecar : overrides
  if (place === undefined)
    throw new Problem('overrides-missing', 'no place for overrides is configured', {
      hint: "Add overrides: './pictures.json' to the configuration.",
    })
  await using(place, (shared) => {
    const context = toContext(config, shared.place)
    return shared.change((text = '') =>
      isOwn ? editSidecar(text, change, context) : editOverrides(text, source, change, context),
    )
  })
}

/** Makes the file of overrides, with none in it, where it is missing. Problems of its place. */
export const createOverridesFile = async ({ overrides }: Pick<Config, 'overrides'>): Promise<void> => {
  if (overrides !== undefined) await using(overrides, (shared) => shared.change((text = '{}\n') => text))
}

const exists = (place: FilePlace): Promise<boolean> =>
  using(place, async (shared) => (await shared.read()) !== undefined)

/** The place beside the original; undefined where it cannot be written to. */
const placeOfSidecar = ({ sources }: OverridesConfig, source: SourceKey): FilePlace | undefined => {
  const at = locateSource(sources, source)
  if (at === undefined) return undefined
  const name = sidecarOf(at.inner)
  switch (at.place.kind) {
    case 'folder':
      return { kind: 'file', path: join(at.place.path, name) }
    case 's3':
      return { kind: 'object', folder: at.place, name }
    case 'https':
      return undefined
    default:
      return unreachable(at.place)
  }
}

const using = async <T>(place: FilePlace, work: (shared: SharedText) => Promise<T>): Promise<T> => {
  const shared = await openSharedText(place)
  try {
    return await work(shared)
  } finally {
    await shared.close()
  }
}

/** Which sizes a file of overrides may name. */
export const toContext = ({ sizes }: Pick<Config, 'sizes'>, file: string): OverridesContext => ({
  file,
  sizes: sizes.map(({ name }) => name),
})
