import type { PictureSize } from '../core/geometry.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { versionOf } from '../url/version.ts'
import { type Project, withRenderer } from './project.ts'

/** What is known of a source after a look. */
export interface SourceLook {
  /** Present where versions are on. */
  readonly version?: string
  /** With EXIF orientation applied. */
  readonly size?: PictureSize
}

interface LookOptions {
  /** Called with the reason where its size cannot be found. */
  readonly onUnknown: (why: string) => void
  readonly signal: AbortSignal
}

/**
 * Reads a source as far as its URLs depend on it. With versions it must exist (`source-missing`). Its size is looked up
 * where `wantsSize` is set; if that fails, `onUnknown` is called.
 */
export const lookAtSource = async (
  source: SourceKey,
  project: Project,
  { wantsSize, ...options }: LookOptions & { readonly wantsSize: boolean },
): Promise<SourceLook> => {
  const { versions, revision } = project.config
  if (!versions && !wantsSize) return {}
  const fingerprint = versions ? await findFingerprint(source, project, options.signal) : undefined
  return {
    ...(fingerprint !== undefined && { version: versionOf(fingerprint, revision) }),
    ...(wantsSize && (await findSize(source, project, options))),
  }
}

const findFingerprint = async (
  source: SourceKey,
  { originals }: Project,
  signal: AbortSignal,
): Promise<string> => {
  const found = await originals.find(source, { signal })
  const fingerprint = found?.fingerprint ?? (found && (await originals.read(source, { signal })))?.fingerprint
  if (fingerprint !== undefined) return fingerprint
  throw new Problem(
    'source-missing',
    `${source} does not exist, and its URLs contain the version of its bytes`,
    {
      subject: source,
      hint: 'Versions are on (`versions: true`), so a source must exist before its URLs do.',
    },
  )
}

/** Bounds of one thread: only a header is read. */
const HEADER_BOUNDS = { threads: 1, memoryBytes: 64_000_000 } as const

const findSize = async (
  source: SourceKey,
  project: Project,
  { onUnknown, signal }: LookOptions,
): Promise<{ readonly size?: PictureSize }> => {
  try {
    const original = await project.originals.read(source, { signal })
    if (original === undefined) {
      onUnknown('it does not exist')
      return {}
    }
    return await withRenderer(project, HEADER_BOUNDS, async (renderer) => ({
      size: (await renderer.inspect(original.bytes)).facts,
    }))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    onUnknown(error.message)
    return {}
  }
}
