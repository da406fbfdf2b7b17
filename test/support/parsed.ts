import { parseSourceKey, type SourceKey } from '../../src/core/source-key.ts'
import { parseTransform, type Transform } from '../../src/core/transform.ts'

/** The key of an original, as a test spells it. */
export const toSource = (text: string): SourceKey => parsed(parseSourceKey(text), text)

/** A transform, as a test spells it. */
export const toTransform = (text: string): Transform => parsed(parseTransform(text), text)

const parsed = <T>(value: T | undefined, text: string): T => {
  if (value === undefined) throw new Error(`"${text}" cannot be parsed`)
  return value
}
