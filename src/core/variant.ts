import type { Format } from './format.ts'
import type { SourceKey } from './source-key.ts'
import type { Transform } from './transform.ts'

/** One result: a source, what is shown of it, and the format it is written in. */
export interface Variant {
  readonly source: SourceKey
  readonly transform: Transform
  readonly format: Format
}
