import type { Config } from '../config/config.ts'
import { Problem } from '../core/problem.ts'
import { createExpiringLinks } from '../url/expiring-link.ts'
import type { Catalogue } from './catalogue.ts'

/** The query after a key in a URL, signed with the configuration's secret. */
export const createLinkQuery = (config: Pick<Config, 'serve' | 'secrets'>): Catalogue['linkQuery'] => {
  const { serve, secrets } = config
  if (!serve.expiring) return (_, expires) => (expires === undefined ? '' : endless())
  const links = createExpiringLinks(secrets)
  return (keyText, expires) => `?${links.queryOf(keyText, toSeconds(expires))}`
}

/** Whole seconds since 1970, rounded down: a link never lives longer than its date. */
const toSeconds = (expires: Date | undefined): number => {
  if (expires === undefined)
    throw new Problem('link-end-missing', 'serve.expiring is on, but no time is given when the link ends.', {
      subject: 'expires',
      hint: 'Give it: { expires: new Date(Date.now() + 3_600_000) }.',
    })
  const seconds = Math.floor(Number(expires) / 1000)
  if (seconds >= 1) return seconds
  throw new Problem('link-end-invalid', `A link cannot end at ${String(expires)}.`, {
    subject: 'expires',
    hint: 'Give a Date after 1970.',
  })
}

/** A link that would work for ever is not what was asked for. */
const endless = (): never => {
  throw new Problem(
    'link-endless',
    'serve.expiring is off: a link with an end would be answered after it, too.',
    { subject: 'expires', hint: 'Set serve: { expiring: true } in the configuration, or leave out expires.' },
  )
}
