import { type Override, takesFocus } from '../core/override.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Focus } from '../core/transform.ts'
import { type Project, withRenderer } from '../wire/project.ts'
import type { WantedUrl } from '../wire/wanted-urls.ts'

/** One picture is looked at, at a small size. */
const BOUNDS = { threads: 1, memoryBytes: 1_000_000_000 } as const

interface CropOptions {
  readonly override: Override | undefined
  readonly project: Pick<Project, 'originals' | 'openRenderer' | 'config'>
  readonly signal: AbortSignal
}

/** For people: what decided where each size is cropped, one line a size; nothing where the configuration did. */
export const describeCrops = async (
  source: SourceKey,
  wanted: readonly WantedUrl[],
  { override, project, signal }: CropOptions,
): Promise<readonly string[]> => {
  const names = [...new Set(wanted.filter(({ transform }) => takesFocus(transform)).map(({ size }) => size))]
  const found = names.map((name) => {
    const own = name === null ? undefined : override?.sizes?.[name]?.focus
    if (own !== undefined) return `${name}: ${formatFocus(own)}, the focus of this size in its override`
    if (name !== null && override?.focus !== undefined)
      return `${name}: ${formatFocus(override.focus)}, the focus of its override`
    const isAttention = wanted.some(
      ({ size, transform: { resize } }) =>
        size === name && 'position' in resize && resize.position === 'attention',
    )
    return isAttention ? { name: name ?? 'this transform' } : undefined
  })
  const isAsked = found.some((line) => typeof line === 'object')
  const attention = isAsked ? await findAttention(source, { project, signal }) : ''
  return found.flatMap((line) => {
    if (line === undefined) return []
    return typeof line === 'string' ? [line] : [`${line.name}: ${attention}`]
  })
}

const findAttention = async (
  source: SourceKey,
  { project, signal }: Omit<CropOptions, 'override'>,
): Promise<string> => {
  try {
    const original = await project.originals.read(source, { signal })
    if (original === undefined) return 'attention, which is found once the original exists'
    const { encoders } = project.config
    const { attention, attentionBy } = await withRenderer(project, BOUNDS, ({ render }) =>
      render({ bytes: original.bytes, outputs: [], encoders, wantsPreview: true }, { signal }),
    )
    const why = attentionBy === 'faces' ? 'faces that the file marks' : 'what stands out'
    return attention === undefined ? 'attention' : `attention at ${formatFocus(attention)}, by ${why}`
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return `attention, which cannot be found: ${error.message}`
  }
}

const formatFocus = ({ x, y }: Focus): string => `[${x}, ${y}]`
