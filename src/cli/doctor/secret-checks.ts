import type { Check } from '../../app/doctor/check.ts'
import type { Config } from '../../config/config.ts'
import { KNOWN_SECRETS } from '../../config/known-secrets.ts'

/** 16 random bytes, in any spelling, have at least so many different characters. */
const FEWEST_CHARACTERS = 10

const MAKE_ONE =
  'Set IMGSIZES_SECRET to the output of `openssl rand -base64 32`, and keep the old one as [new, old] until a build has run.'

/** Whether the secrets can be guessed. No secret is shown. */
export const checkSecrets = ({ secrets }: Config): readonly Check[] => {
  const [first] = secrets
  const verdict = (status: Check['status'], found: string, advice?: string): readonly Check[] => [
    { part: 'secret', name: 'signing', status, found, ...(advice !== undefined && { advice }) },
  ]
  if (first === undefined)
    return verdict(
      'failed',
      'there is none',
      'Say `secret: process.env.IMGSIZES_SECRET` and set it in .env or the environment; `imgsizes init` makes one.',
    )
  if (secrets.some(({ value, isRetired }) => !isRetired && KNOWN_SECRETS.includes(value)))
    return verdict(
      'failed',
      'one of them stands in the documentation of imgsizes: everybody can sign',
      MAKE_ONE,
    )
  if (new Set(first.value).size < FEWEST_CHARACTERS)
    return verdict('warning', 'the first one is made of a few characters over and over', MAKE_ONE)
  const retired = secrets.filter(({ isRetired }) => isRetired).length
  return verdict('ok', `${secrets.length - retired} in use${retired > 0 ? `, ${retired} retired` : ''}`)
}
