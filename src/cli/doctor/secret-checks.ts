import { type Check, type CheckResult, failed, toCheck, warning } from '../../app/doctor/check.ts'
import type { Config } from '../../config/config.ts'
import { KNOWN_SECRETS } from '../../config/known-secrets.ts'

/** 16 random bytes, in any spelling, have at least so many different characters. */
const FEWEST_CHARACTERS = 10

const MAKE_ONE =
  'Set IMGSIZES_SECRET to the output of `openssl rand -base64 32`, and keep the old one as [new, old] until a build has run.'

/** Whether the secrets can be guessed. No secret is shown. */
export const checkSecrets = (config: Config): readonly Check[] => [
  toCheck('secret', 'signing', judgeSecrets(config)),
]

const judgeSecrets = ({ secrets }: Config): CheckResult => {
  const [first] = secrets
  if (first === undefined)
    return failed(
      'there is none',
      'Say `secret: process.env.IMGSIZES_SECRET` and set it in .env or the environment; `imgsizes init` makes one.',
    )
  if (secrets.some(({ value, isRetired }) => !isRetired && KNOWN_SECRETS.includes(value)))
    return failed('one of them stands in the documentation of imgsizes: everybody can sign', MAKE_ONE)
  if (new Set(first.value).size < FEWEST_CHARACTERS)
    return warning('the first one is made of a few characters over and over', MAKE_ONE)
  const retired = secrets.filter(({ isRetired }) => isRetired).length
  return `${secrets.length - retired} in use${retired > 0 ? `, ${retired} retired` : ''}`
}
