import { describe, expect, test } from 'vitest'
import { fuzzTarget } from './fuzz-target.ts'
import { GROUPS } from './targets.ts'

/** The same inputs in every run of the tests: others are tried by `npm run fuzz`. */
const EXTENT = { runs: 40, seed: 14 }

describe.each(GROUPS)('%s:', (_, targets) => {
  test.each(targets)('$name', async (target) => {
    const { executions, find } = await fuzzTarget(target, {
      ...EXTENT,
      ...(target.runs && { runs: target.runs }),
    })
    expect(find).toBeUndefined()
    expect(executions).toBe(target.runs ?? EXTENT.runs)
  })
})
