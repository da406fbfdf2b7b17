import type { Selection } from '../app/batch/select-groups.ts'
import { compileMatch, rangeOfPattern } from '../config/match.ts'
import { defined } from '../core/defined.ts'
import type { Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Narrowing } from '../plan/expected.ts'

/** Which part of a project a run works on. */
export interface ScopeOptions {
  /** Which sources; by default all. */
  readonly selection?: Selection
  /** Which sizes and formats; by default all. */
  readonly narrowing?: Narrowing
}

/** The same as users write it. */
interface ScopeWords {
  /** A glob. If it begins with a fixed text, only keys with that beginning are listed. Problem `pattern-invalid`. */
  readonly only?: string | undefined
  readonly size?: string | undefined
  readonly format?: Format | 'original' | undefined
  /** Only these sources, in the order of the plan. */
  readonly keys?: readonly SourceKey[] | undefined
}

/** The part of a project that a user's options name. */
export const toScope = (words: ScopeWords): ScopeOptions & { readonly selection: Selection } => {
  const { only, size, format, keys } = words
  const range = only === undefined ? {} : rangeOfPattern(only)
  return {
    selection: {
      ...(only !== undefined && { isSelected: compileMatch([only]) }),
      ...(range.prefix && { range }),
      keys,
    },
    ...((size ?? format) !== undefined && { narrowing: defined({ size, format }) }),
  }
}
