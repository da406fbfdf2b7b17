import type { Format } from '../core/format.ts'

/**
 * Values by result, within one source. Each access takes two lookups, and no text is built from both parts: with
 * millions of results that would cost several times as much.
 */
export class ResultMap<T> {
  readonly #byFormat = new Map<Format, Map<string, T>>()

  set(format: Format, transformText: string, value: T): void {
    const known = this.#byFormat.get(format)
    if (known === undefined) this.#byFormat.set(format, new Map([[transformText, value]]))
    else known.set(transformText, value)
  }

  get(format: Format, transformText: string): T | undefined {
    return this.#byFormat.get(format)?.get(transformText)
  }
}
