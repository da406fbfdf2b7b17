import type { Config } from '../config/config.ts'
import { DEMO_SECRET } from '../config/known-secrets.ts'
import { requireSecrets } from '../config/secrets.ts'
import { Problem } from '../core/problem.ts'

const HOW_TO_MAKE_ONE =
  'Set IMGSIZES_SECRET in .env or the environment: `imgsizes init` makes one, or `openssl rand -base64 32`.'

/** Refuses to be reached from other machines under a secret that everybody knows, or under none at all. */
export const guardSecret = (config: Config, host: string): void => {
  const secrets = requireSecrets(config)
  if (isLoopback(host) || !secrets.some(({ value, isRetired }) => value === DEMO_SECRET && !isRetired)) return
  throw new Problem('config-invalid', `The secret is the demo's, which everybody knows; ${host} is public.`, {
    subject: 'secret',
    hint: `${HOW_TO_MAKE_ONE} To try the demo: --host 127.0.0.1.`,
  })
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
