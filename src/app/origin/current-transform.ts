import { type Transform, withVersion } from '../../core/transform.ts'
import { versionOf } from '../../url/version.ts'

export interface VersionRules {
  /** Whether keys name their original's version. */
  readonly versions: boolean
  readonly revision: string
}

/** What stands in a key for this transform of an original as it is; the very same where it is that already. */
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
