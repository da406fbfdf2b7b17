import type { GateRules } from '../app/origin/cold.ts'
import type { VersionRules } from '../app/origin/current-transform.ts'
import type { NamingRules } from '../app/origin/name-key.ts'
import type { Config } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import { createExpectation } from '../plan/expected.ts'
import type { Project } from './project.ts'

/** How keys are read and checked. */
export const toNamingRules = ({
  config,
  keyring,
  output,
}: Pick<Project, 'config' | 'keyring' | 'output'>): NamingRules => ({
  keyring,
  formats: config.formats,
  vectors: config.vectors,
  keyLimits: output.keyLimits,
})

/** Which keys are made for visitors, and with which version. */
export const toGateRules = (config: Config): GateRules & VersionRules => {
  const { formats, vectors, versions, revision, serve } = config
  // Compared without versions: a version says of which original a key is, not what it shows.
  const allowed = createExpectation({ ...config, versions: false, toMatcher: compileMatch })
  return { formats, vectors, versions, revision, ...(serve.allow === 'configured' && { allowed }) }
}
