import type { Options } from 'yargs'
import type { AgainChoices } from '../wire/plan.ts'
import { SWITCH, VALUE } from './common-flags.ts'
import type { Flags } from './flags.ts'

/** What is made again though nothing that was asked for has changed. */
export interface AgainFlags {
  readonly force: boolean
  readonly retryFailed: boolean
  readonly rerendersOtherEncoders: boolean
}

const GROUP = 'What to do:'

/** Of `build`, and of `plan`, which says what `build` would do with the same ones. */
export const AGAIN_OPTIONS: Readonly<Record<string, Options>> = {
  force: { ...SWITCH, group: GROUP, describe: 'Make everything again' },
  'retry-failed': { ...SWITCH, group: GROUP, describe: 'Try again what failed before' },
  'encoder-changed': {
    ...VALUE,
    group: GROUP,
    describe: 'Results of another encoder version: keep (default) or rerender',
  },
}

export const readAgainFlags = (flags: Flags): AgainFlags => ({
  force: flags.isSet('force'),
  retryFailed: flags.isSet('retry-failed'),
  rerendersOtherEncoders: flags.word('encoder-changed', ['keep', 'rerender']) === 'rerender',
})

export const toRuleChoices = ({ force, retryFailed, rerendersOtherEncoders }: AgainFlags): AgainChoices => ({
  force,
  retryFailed,
  rerenderOtherEncoders: rerendersOtherEncoders,
})

/** As on a command line, by blanks; "" where there are none. */
export const formatAgainFlags = ({ force, retryFailed, rerendersOtherEncoders }: AgainFlags): string =>
  [
    ...(force ? ['--force'] : []),
    ...(retryFailed ? ['--retry-failed'] : []),
    ...(rerendersOtherEncoders ? ['--encoder-changed rerender'] : []),
  ].join(' ')
