import { describeFound } from '../config/faults.ts'
import { suggestName } from '../config/suggest.ts'
import { FORMATS } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import type {
  BuildOptions,
  OpenOptions,
  PlanOptions,
  PruneOptions,
  RunOptions,
  ScopedOptions,
  UrlOptions,
  VerifyOptions,
  WarmOptions,
} from './library-options.ts'

/**
 * The options of the library at run time: who writes JavaScript has no compiler that says that `dryrun` is no option of
 * `prune`, or that `'7d'` is no number.
 */

interface Rule {
  readonly allowed: string
  readonly fits: (value: unknown) => boolean
}

/** A row for each option, so that the compiler names the ones that are missing. */
type Rules<T> = { readonly [K in keyof Required<T>]: Rule }

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string'

const oneOf = (...words: readonly string[]): Rule => ({
  allowed: words.join(', '),
  fits: (value) => isText(value) && words.includes(value),
})

const number = (allowed: string, fits: (value: number) => boolean): Rule => ({
  allowed,
  fits: (value) => typeof value === 'number' && fits(value),
})

const TEXT: Rule = { allowed: 'a text', fits: isText }
const TEXTS: Rule = {
  allowed: 'a list of texts',
  fits: (value) => Array.isArray(value) && value.every(isText),
}
const SWITCH: Rule = { allowed: 'true or false', fits: (value) => typeof value === 'boolean' }
const COUNT = number('a whole number from 1 on', (value) => Number.isSafeInteger(value) && value >= 1)
const FORMAT_WORDS = [...FORMATS, 'original'] as const

const RUN: Rules<RunOptions> = {
  signal: { allowed: 'an AbortSignal', fits: (value) => isObject(value) && 'aborted' in value },
  onEvent: { allowed: 'a function', fits: (value) => typeof value === 'function' },
}

const SCOPED: Rules<ScopedOptions> = {
  ...RUN,
  only: TEXT,
  sources: TEXTS,
  size: TEXT,
  format: oneOf(...FORMAT_WORDS),
}

const PLAN: Rules<PlanOptions> = {
  ...SCOPED,
  force: SWITCH,
  retryFailed: SWITCH,
  encoderChanged: oneOf('keep', 'rerender'),
}

const isShard = (value: unknown): boolean => {
  const { index, count } = { index: 0, count: 0, ...(isObject(value) && value) }
  return COUNT.fits(index) && COUNT.fits(count) && index <= count
}

const OPTIONS = {
  openImgsizes: {
    config: { allowed: 'a configuration, as `defineConfig` or `loadConfig` gives it', fits: isObject },
    cwd: TEXT,
    concurrency: COUNT,
    memoryBytes: COUNT,
    onEvent: RUN.onEvent,
  } satisfies Rules<OpenOptions>,
  plan: PLAN,
  build: {
    ...PLAN,
    shard: { allowed: '{ index, count }, whole numbers with index from 1 to count', fits: isShard },
  } satisfies Rules<BuildOptions>,
  prune: {
    ...RUN,
    dryRun: SWITCH,
    olderThanMs: number('milliseconds from 0 on', (value) => value >= 0),
    maxShare: number('a number 0..1', (value) => value >= 0 && value <= 1),
    extras: SWITCH,
    allowEmpty: SWITCH,
  } satisfies Rules<PruneOptions>,
  purge: RUN,
  verify: { ...SCOPED, repair: SWITCH } satisfies Rules<VerifyOptions>,
  warm: {
    ...RUN,
    limit: COUNT,
    minHits: COUNT,
    mount: TEXT,
    retryFailed: SWITCH,
    dryRun: SWITCH,
  } satisfies Rules<WarmOptions>,
  url: {
    signal: RUN.signal,
    size: TEXT,
    format: oneOf(...FORMAT_WORDS, 'auto'),
    transform: TEXT,
    expires: { allowed: 'a Date', fits: (value) => value instanceof Date && !Number.isNaN(value.getTime()) },
  } satisfies Rules<UrlOptions>,
}

/** What the functions take before their options. */
const ARGUMENTS = {
  purge: TEXTS,
  warm: {
    allowed: 'a list of { name, open() }',
    fits: (value: unknown) => Array.isArray(value) && value.every(isLog),
  },
  url: TEXT,
} satisfies Record<string, Rule>

const isLog = (log: unknown): boolean => isObject(log) && 'open' in log && typeof log.open === 'function'

/** Problem `option-invalid` for an option that is unknown, or not what is allowed. One that is undefined is not given. */
export const checkOptions = (name: keyof typeof OPTIONS, given: object): void => {
  const rules = new Map<string, Rule>(Object.entries(OPTIONS[name]))
  if (!isObject(given)) throw wrong(`${name}: the options are`, given, 'an object')
  for (const [option, value] of Object.entries(given)) {
    const rule = rules.get(option)
    if (rule === undefined) throw unknown(name, option, [...rules.keys()])
    if (value !== undefined && !rule.fits(value)) throw wrong(`${name}: ${option} is`, value, rule.allowed)
  }
}

/** Problem `option-invalid` where the first argument is not what the function takes. */
export const checkArgument = (name: keyof typeof ARGUMENTS, value: unknown): void => {
  const { fits, allowed }: Rule = ARGUMENTS[name]
  if (!fits(value)) throw wrong(`${name}: the first argument is`, value, allowed)
}

const unknown = (name: string, option: string, known: readonly string[]): Problem => {
  const meant = suggestName(option, known)
  const question = meant === undefined ? '' : `; did you mean ${meant}?`
  return new Problem(
    'option-invalid',
    `${name} has no option ${option}; there are: ${known.join(', ')}${question}`,
  )
}

const wrong = (what: string, found: unknown, allowed: string): Problem =>
  new Problem('option-invalid', `${what} ${describeFound(found)}; allowed: ${allowed}`)
