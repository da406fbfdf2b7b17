import type { AllowedResults, GateRules } from '../app/origin/cold.ts'
import type { VersionRules } from '../app/origin/current-transform.ts'
import type { NamingRules } from '../app/origin/name-key.ts'
import type { PictureOverrides } from '../app/picture-overrides.ts'
import type { Config } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import type { Override } from '../core/override.ts'
import type { SourceKey } from '../core/source-key.ts'
import { createExpectation } from '../plan/expected.ts'
import { createExpiringLinks, type ExpiringLinks } from '../url/expiring-link.ts'
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

/** Which keys are made for visitors, and with which version. `readNow` reads overrides that may have changed since. */
export const toGateRules = (
  config: Config,
  overrides: Pick<PictureOverrides, 'of'>,
  readNow?: (source: SourceKey, signal: AbortSignal) => Promise<Override | undefined>,
): GateRules & VersionRules => {
  const { formats, vectors, versions, revision, serve } = config
  // Compared without versions: a version says of which original a key is, not what it shows.
  const expectation = createExpectation({ ...config, versions: false, toMatcher: compileMatch })
  const allowed: AllowedResults = {
    of: (source) => expectation.of(source, undefined, overrides.of(source)),
    ...(readNow && {
      ofNow: async (source, signal) => expectation.of(source, undefined, await readNow(source, signal)),
    }),
  }
  return { formats, vectors, versions, revision, ...(serve.allow === 'configured' && { allowed }) }
}

/** The links of a project whose URLs expire; empty for others. */
export const openExpiringLinks = ({
  serve,
  secrets,
}: Pick<Config, 'serve' | 'secrets'>): { readonly expiring?: ExpiringLinks } =>
  serve.expiring ? { expiring: createExpiringLinks(secrets) } : {}
