import type { Config } from '../config/config.ts'
import { createExpiringLinks, type ExpiringLinks } from '../url/expiring-link.ts'

/** The links of a project whose URLs expire; empty for others. */
export const openExpiringLinks = ({
  serve,
  secrets,
}: Pick<Config, 'serve' | 'secrets'>): { readonly expiring?: ExpiringLinks } =>
  serve.expiring ? { expiring: createExpiringLinks(secrets) } : {}
