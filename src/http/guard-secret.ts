import type { Config } from '../config/config.ts'
import { DEMO_SECRET, KNOWN_SECRETS } from '../config/known-secrets.ts'
import { requireSecrets } from '../config/secrets.ts'
import { Problem } from '../core/problem.ts'

const HOW_TO_MAKE_ONE =
  'Set IMGSIZES_SECRET in .env or the environment: `imgsizes init` makes one, or `openssl rand -base64 32`.'

/** Refuses to listen for other machines without a secret, or with one that everybody knows. */
export const guardSecret = (config: Config, host: string): void => {
  requireSecrets(config)
  if (isLoopback(host) || !acceptsOneOf([DEMO_SECRET], config)) return
  throw new Problem('config-invalid', `The secret is the demo's, which everybody knows; ${host} is public.`, {
    subject: 'secret',
    hint: `${HOW_TO_MAKE_ONE} To try the demo: --host 127.0.0.1.`,
  })
}

/** A warning, where the secret is another one of our documentation: somebody may have chosen it on purpose. */
export const warnOfSecret = (config: Config, host: string): Problem | undefined => {
  if (isLoopback(host) || !acceptsOneOf(KNOWN_SECRETS, config)) return undefined
  const message = `A secret stands in the documentation of imgsizes: everybody can sign, and ${host} is public.`
  return new Problem('secret-known', message, { subject: 'secret', hint: HOW_TO_MAKE_ONE })
}

const acceptsOneOf = (known: readonly string[], { secrets }: Config): boolean =>
  secrets.some(({ value, isRetired }) => !isRetired && known.includes(value))

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
