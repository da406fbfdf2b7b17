import type { Results } from '../app/results.ts'
import type { Config } from '../config/config.ts'
import { resolveFormats } from '../core/format.ts'
import { formatTransform, withVersion } from '../core/transform.ts'
import type { Narrowing } from '../plan/expected.ts'
import type { ListedResult } from '../plan/group.ts'

/** The same results, of which the listing shows those that `--size` and `--format` name, in any version. */
export const narrowResults = (
  results: Results,
  narrowing: Narrowing | undefined,
  { sizes }: Pick<Config, 'sizes'>,
): Results => {
  if (narrowing === undefined) return results
  const { size, format } = narrowing
  const named = sizes.find(({ name }) => name === size)
  const texts = named && new Set(named.transforms.map(({ transform }) => formatTransform(transform)))
  const isNamed = ({ variant }: ListedResult): boolean =>
    // A vector stands for whatever sizes there are; what a narrowed plan does not expect it leaves alone.
    (texts === undefined ||
      variant.format === 'svg' ||
      texts.has(formatTransform(withVersion(variant.transform, undefined)))) &&
    (format === undefined || resolveFormats([format], variant.source).includes(variant.format))
  return {
    ...results,
    list: async function* (options) {
      for await (const result of results.list(options)) if (isNamed(result)) yield result
    },
    listOf: async function* (source, options) {
      for await (const result of results.listOf(source, options)) if (isNamed(result)) yield result
    },
    listPages: async function* (options) {
      for await (const page of results.listPages(options)) yield page.filter(isNamed)
    },
  }
}
