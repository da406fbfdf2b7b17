import * as z from 'zod'
import { formatFault } from '../config/config-problem.ts'
import { Faults, readObject } from '../config/faults.ts'
import { boolean, choice, object, share, wholeNumber } from '../config/schema-values.ts'
import { FORMATS } from '../core/format.ts'
import { isObject } from '../core/json.ts'
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

/** A row for each option, so that the compiler names the ones that are missing. */
type Rows<T> = { readonly [K in keyof Required<T>]: z.ZodType }

const text = z.string({ error: 'a text' })
const texts = z.array(text, { error: 'a list of texts' })
const count = wholeNumber(1)
const MILLISECONDS = 'milliseconds from 0 on'
const formats = [...FORMATS, 'original'] as const

const RUN = {
  signal: z.custom((value) => isObject(value) && 'aborted' in value, { error: 'an AbortSignal' }),
  onEvent: z.custom((value) => typeof value === 'function', { error: 'a function' }),
} satisfies Rows<RunOptions>

const SCOPED = {
  ...RUN,
  only: text,
  sources: texts,
  size: text,
  format: choice(formats),
} satisfies Rows<ScopedOptions>

const PLAN = {
  ...SCOPED,
  force: boolean,
  retryFailed: boolean,
  encoderChanged: choice(['keep', 'rerender']),
} satisfies Rows<PlanOptions>

const shard = object({ index: count, count }).refine(({ index, count }) => index <= count, {
  error: 'an index from 1 to count',
})

const OPTIONS = {
  openImgsizes: object({
    config: z.custom(isObject, { error: 'a configuration, as `defineConfig` or `loadConfig` gives it' }),
    cwd: text,
    concurrency: count,
    memoryBytes: count,
    onEvent: RUN.onEvent,
  } satisfies Rows<OpenOptions>),
  plan: object(PLAN),
  build: object({ ...PLAN, shard } satisfies Rows<BuildOptions>),
  prune: object({
    ...RUN,
    dryRun: boolean,
    olderThanMs: z.number({ error: MILLISECONDS }).min(0, { error: MILLISECONDS }),
    maxShare: share,
    extras: boolean,
    allowEmpty: boolean,
  } satisfies Rows<PruneOptions>),
  purge: object(RUN),
  verify: object({ ...SCOPED, repair: boolean } satisfies Rows<VerifyOptions>),
  warm: object({
    ...RUN,
    limit: count,
    minHits: count,
    mount: text,
    retryFailed: boolean,
    dryRun: boolean,
  } satisfies Rows<WarmOptions>),
  url: object({
    signal: RUN.signal,
    size: text,
    format: choice([...formats, 'auto']),
    transform: text,
    expires: z.date({ error: 'a Date' }),
  } satisfies Rows<UrlOptions>),
}

const LOG = '{ name, open() }'

/** What the functions take before their options. */
const ARGUMENTS = {
  purge: object({ sources: texts }),
  warm: object({
    logs: z.array(
      z.custom((log) => isObject(log) && typeof log.open === 'function', { error: LOG }),
      { error: `a list of ${LOG}` },
    ),
  }),
  url: object({ source: text }),
}

/** Problem `option-invalid` for options that are unknown, or not what is allowed. One that is undefined is not given. */
export const checkOptions = (name: keyof typeof OPTIONS, given: object): void =>
  check(name, OPTIONS[name].partial(), given)

/** The same for what comes before the options, by its name. */
export const checkArgument = (name: keyof typeof ARGUMENTS, given: object): void =>
  check(name, ARGUMENTS[name], given)

const check = (name: string, schema: z.ZodObject, given: unknown): void => {
  const faults = new Faults()
  readObject(schema, given, { path: '', faults })
  if (faults.count === 0) return
  throw new Problem('option-invalid', faults.list.map((fault) => `${name}: ${formatFault(fault)}`).join('\n'))
}
