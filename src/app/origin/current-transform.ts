import { type Transform, withVersion } from '../../core/transform.ts'
import { versionOf } from '../../url/version.ts'

/** What decides the version in a key. */
export interface VersionRules {
  /** Whether keys name their original's version. */
  readonly versions: boolean
  readonly revision: string
}

/** The transform that belongs in a key for an original as it is now; the same object where nothing changes. */
export const toCurrentTransform = (
  transform: Transform,
  fingerprint: string,
  { versions, revision }: VersionRules,
): Transform => {
  if (transform.version === undefined && !versions) return transform
  const current = versionOf(fingerprint, revision)
  if (transform.version === current) return transform
  return withVersion(transform, versions ? current : undefined)
}
