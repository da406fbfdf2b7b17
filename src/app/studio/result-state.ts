import type { Format } from '../../core/format.ts'
import { type Expectation, type ExpectedResult, isExtra } from '../../plan/expected.ts'
import { STALE_WORDS } from '../../plan/stale-reason.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { PlannedSource } from '../batch/plan.ts'
import { type Cell, type Pattern, RESULT_STATES, type ResultState } from './protocol.ts'

/** A result that the sizes ask for, and its state. */
export interface StandingResult {
  readonly result: ExpectedResult
  readonly state: ResultState
  /** What is wrong with it, if it is stale or failing. */
  readonly why?: string
  /** The stored object under its key, if it shows the present original. */
  readonly standing?: { readonly key: VariantKey; readonly sizeBytes: number }
}

/** The states of all results that the sizes ask for, from the plan of a source. */
export const listStanding = (
  plan: Pick<PlannedSource, 'group' | 'steps' | 'fingerprint' | 'override'>,
  expectation: Expectation,
): readonly StandingResult[] =>
  plan.steps.flatMap((step): readonly StandingResult[] => {
    switch (step.kind) {
      case 'keep':
        return [
          { result: step.result, state: 'built', standing: { key: step.key, sizeBytes: step.sizeBytes } },
        ]
      case 'render':
        if (isExtra(step.result)) return []
        return step.reason === 'missing'
          ? [{ result: step.result, state: 'missing' }]
          : [{ result: step.result, state: 'stale', why: STALE_WORDS[step.why ?? 'forced'] }]
      case 'copy':
        return [{ result: step.result, state: 'missing', why: 'stands under another secret: to be copied' }]
      case 'failing':
        return [{ result: step.result, state: 'failing', why: step.failure.message }]
      case 'touch': {
        const { key, sizeBytes, transformText, variant } = step.at
        const result = expectation
          .of(plan.group.key, plan.fingerprint, plan.override)
          .find((each) => each.transformText === transformText && each.format === variant.format)
        return result === undefined
          ? []
          : [
              {
                result,
                state: 'stale',
                why: 'to get new headers, not rendered',
                standing: { key, sizeBytes },
              },
            ]
      }
      default:
        return [] // no size asks for it
    }
  })

/** The states of a source by size and format. */
export const toPattern = (results: readonly StandingResult[]): Pattern => {
  const cells = new Map<string, Cell>()
  for (const { result, state } of results)
    for (const size of result.sizes) {
      const id = `${size} ${result.format}`
      const known = cells.get(id)
      if (known === undefined || isWorse(state, known[2])) cells.set(id, [size, result.format, state])
    }
  return [...cells.values()]
}

const isWorse = (state: ResultState, than: ResultState): boolean =>
  RESULT_STATES.indexOf(state) < RESULT_STATES.indexOf(than)

/** The result to use as thumbnail: of at least {@link THUMB_SIDE} pixels, and not cropped if possible. */
export const chooseThumb = (results: readonly StandingResult[]): StandingResult | undefined =>
  results
    .filter((each) => each.standing !== undefined && each.standing.sizeBytes <= MOST_THUMB_BYTES)
    .filter(({ result }) => SHOWN.has(result.format) && sideOf(result) >= THUMB_SIDE)
    .sort((a, b) => rankOf(a) - rankOf(b))[0]

/** The side of a rendered thumbnail: two device pixels for each pixel of the page. */
export const THUMB_SIDE = 240
const MOST_THUMB_BYTES = 200_000
const SHOWN: ReadonlySet<Format> = new Set(['webp', 'avif', 'jpg', 'png', 'svg'])
const CROPPED = 10_000

const rankOf = ({ result }: StandingResult): number => {
  const { kind } = result.transform.resize
  const isWhole = kind === 'full' || kind === 'width' || kind === 'height' || kind === 'inside'
  return sideOf(result) + (isWhole ? 0 : CROPPED) + [...SHOWN].indexOf(result.format) / 10
}

const sideOf = ({ transform: { resize } }: ExpectedResult): number => {
  if (resize.kind === 'full') return THUMB_SIDE
  if (resize.kind === 'height') return resize.height
  return resize.width
}
