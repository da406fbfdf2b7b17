import { FORMATS, type Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import { toScope } from '../wire/project.ts'
import { valueFlag } from './common-flags.ts'
import { didYouMean, type Flags, UsageError } from './flags.ts'
import { quoteWord } from './shell.ts'

/** The part of sources and results that a run is about. */
export type Scope = ReturnType<typeof toScope>

const GROUP = 'Which pictures and results:'

/** The formats that `--format` accepts. */
export const FORMAT_CHOICES: readonly (Format | 'original')[] = [...FORMATS, 'original']

/** The flags that choose sources and results. */
export const SCOPE_OPTIONS = {
  only: valueFlag(GROUP, 'Sources that match this glob'),
  size: valueFlag(GROUP, 'One size of the configuration, by name'),
  format: valueFlag(GROUP, `One format: ${FORMAT_CHOICES.join(', ')}`),
}

/** `keys`: the only sources of this run, as `build` has read them. */
export const readScope = (flags: Flags, keys?: readonly SourceKey[]): Scope =>
  toScope({
    only: flags.text('only'),
    size: flags.text('size'),
    format: flags.word('format', FORMAT_CHOICES),
    keys,
  })

/** A size that is not configured is wrong usage; the message names those that are. */
export const checkSizeName = (
  size: string | undefined,
  { sizes }: { readonly sizes: readonly { readonly name: string }[] },
): void => {
  if (size === undefined || sizes.some(({ name }) => name === size)) return
  const names = sizes.map(({ name }) => name)
  const known = names.length === 0 ? 'no sizes are' : `there are: ${names.join(', ')}`
  throw new UsageError(`--size ${JSON.stringify(size)} is not configured; ${known}${didYouMean(size, names)}`)
}

/** The flags of a scope as they were given, for another command line; "" for everything. */
export const formatScopeFlags = ({ narrowing }: Scope, only: string | undefined): string =>
  [
    ...(only === undefined ? [] : [`--only ${quoteWord(only)}`]),
    ...(narrowing?.size === undefined ? [] : [`--size ${narrowing.size}`]),
    ...(narrowing?.format === undefined ? [] : [`--format ${narrowing.format}`]),
  ].join(' ')
