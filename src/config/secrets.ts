import { countBytes } from '../core/byte-order.ts'
import { isObject } from '../core/json.ts'
import { Problem } from '../core/problem.ts'
import type { Config, SecretConfig } from './config.ts'
import { describeHidden, type Faults, joinPath } from './faults.ts'

const MIN_BYTES = 16
const ALLOWED_TEXT = `a text of at least ${MIN_BYTES} bytes without white space at its ends`
const ALLOWED = `${ALLOWED_TEXT}, or a list of such texts and { value, retired: true }`

interface SecretsContext {
  readonly path: string
  readonly faults: Faults
}

/** `secret` of a configuration, those that are not retired first; empty where none is given. Faults never show one. */
export const readSecrets = (input: unknown, context: SecretsContext): readonly SecretConfig[] => {
  if (input === undefined) return []
  const entries: readonly unknown[] = Array.isArray(input) ? input : [input]
  if (!Array.isArray(input) && typeof input !== 'string') {
    context.faults.add(context.path, describeHidden(input), ALLOWED)
    return []
  }
  const secrets = entries.flatMap((entry, index) => {
    const path = Array.isArray(input) ? joinPath(context.path, index) : context.path
    return readSecret(entry, { ...context, path })
  })
  checkSecrets(secrets, entries.length, context)
  return [...secrets].sort((a, b) => Number(a.isRetired) - Number(b.isRetired))
}

/** Tells of a missing secret with other faults; alone it is a Problem of its own: {@link requireSecrets}. */
export const addMissingSecret = (faults: Faults): undefined =>
  faults.add('secret', 'nothing', `${ALLOWED}, such as process.env.IMGSIZES_SECRET`)

/**
 * The secrets of a configuration, the first of which signs. Without one there are no keys, so everything except reading
 * a configuration calls this. Problem `config-secret-missing`.
 */
export const requireSecrets = (config: Config): readonly [SecretConfig, ...SecretConfig[]] => {
  const [first, ...others] = config.secrets
  if (first !== undefined) return [first, ...others]
  throw new Problem('config-secret-missing', 'the configuration has no secret to sign URLs with', {
    subject: 'secret',
    hint: 'Write `secret: process.env.IMGSIZES_SECRET` and set IMGSIZES_SECRET in .env or the environment; `imgsizes init` makes a random one.',
  })
}

const readSecret = (entry: unknown, context: SecretsContext): readonly SecretConfig[] => {
  if (!isObject(entry)) return readSecretText(entry, false, context)
  const unknown = Object.keys(entry).filter((key) => key !== 'value' && key !== 'retired')
  for (const key of unknown) context.faults.addUnknown(joinPath(context.path, key), ['value', 'retired'])
  if (entry.retired !== true)
    context.faults.add(
      joinPath(context.path, 'retired'),
      describeHidden(entry.retired),
      'true, or the text alone',
    )
  return readSecretText(entry.value, true, { ...context, path: joinPath(context.path, 'value') })
}

const readSecretText = (
  value: unknown,
  isRetired: boolean,
  { path, faults }: SecretsContext,
): readonly SecretConfig[] => {
  const why = whyNotSecret(value)
  if (why === undefined && typeof value === 'string') return [{ value, isRetired }]
  faults.add(path, why ?? describeHidden(value), ALLOWED_TEXT)
  return []
}

const whyNotSecret = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return describeHidden(value)
  if (!value.isWellFormed()) return 'a text that is not valid Unicode'
  if (value.trim() !== value) return 'a text with white space at an end'
  return countBytes(value) < MIN_BYTES ? describeHidden(value) : undefined
}

const checkSecrets = (secrets: readonly SecretConfig[], given: number, context: SecretsContext): void => {
  const { path, faults } = context
  const values = new Set(secrets.map(({ value }) => value))
  if (values.size < secrets.length) faults.add(path, 'the same secret twice', 'every secret once')
  if (given > 0 && secrets.length === given && secrets.every(({ isRetired }) => isRetired))
    faults.add(path, 'only retired secrets', 'at least one that is not retired')
}
