import { isExtra } from '../../plan/expected.ts'
import type { Keyring } from '../../url/keyring.ts'
import type { WantedResults } from '../warm/wanted.ts'
import { type PlanWantedInput, planWanted } from '../warm/warm.ts'
import type { CellTotal, Visits, VisitTotal } from './protocol.ts'

interface VisitsInput extends Omit<PlanWantedInput, 'wanted'> {
  readonly wanted: WantedResults
  readonly keyring: Pick<Keyring, 'keyOf'>
  readonly cells: readonly CellTotal[]
}

const MOST_DUE = 50

/** Compares what visitors asked for with what is built, by size and format. */
export const readVisits = async ({
  wanted,
  keyring,
  cells,
  ...input
}: VisitsInput): Promise<Pick<Visits, 'totals' | 'due' | 'unasked'>> => {
  const totals = new Map<string, { -readonly [K in keyof VisitTotal]: VisitTotal[K] }>()
  let due: Visits['due'] = []
  for await (const { group, steps, fingerprint } of planWanted({ ...input, wanted }))
    for (const step of steps) {
      if (step.kind !== 'keep' && step.kind !== 'render') continue
      const { result } = step
      const hits = wanted.hitsOf(group.key, result, fingerprint)
      const isBuilt = step.kind === 'keep'
      for (const size of isExtra(result) ? [null] : result.sizes) {
        const id = `${size} ${result.format}`
        const total = totals.get(id) ?? { size, format: result.format, hits: 0, builtHits: 0 }
        total.hits += hits
        if (isBuilt) total.builtHits += hits
        totals.set(id, total)
      }
      if (isBuilt || hits <= (due.length < MOST_DUE ? 0 : (due.at(-1)?.hits ?? 0))) continue
      const { transform, format } = result
      const key = keyring.keyOf({ source: group.key, transform, format })
      due = [...due, { key, hits }].sort((a, b) => b.hits - a.hits).slice(0, MOST_DUE)
    }
  return {
    totals: [...totals.values()].sort((a, b) => b.hits - a.hits),
    due,
    unasked: cells
      .filter(({ size, format, built }) => built > 0 && !totals.has(`${size} ${format}`))
      .map(({ size, format, bytes }) => ({ size, format, bytes })),
  }
}
