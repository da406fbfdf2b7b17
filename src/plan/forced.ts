/**
 * Builds that make everything again, and that nobody has seen finish: `forced.json` beside the ledger.
 *
 *     {"imgsizes":"forced","version":1,"builds":[{"since":1764324000000,"only":"blog/**"},{"id":"7c0f…"}]}
 *
 * A result in the scope of such a build that was stored before `since` must still be made again, although it is fresh:
 * by that build, by another of its shares, or by any later build. Nothing else shows this: what is made again has the
 * same key, and mostly the same bytes. The build that began last has no `since`; the date of the file counts instead,
 * so that both times come from one clock, that of the store. `id` is that of its stored plan.
 */

import { isFormat, resolveFormats } from '../core/format.ts'
import { having, isNumber, isText, listOf, maybe, parseJson } from '../core/json.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { ExpectedResult, Narrowing } from './expected.ts'

/** Which part of all results a forced build makes again. */
export interface ForcedScope extends Narrowing {
  /** The glob of its sources; undefined: all. */
  readonly only?: string
  readonly id?: string
}

/** A forced build, and when it began. */
export interface ForcedBuild extends ForcedScope {
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Whether a result that was stored at this time must be made again. */
export type IsForced = (source: SourceKey, result: ExpectedResult, storedAt: number) => boolean

/** Compiles the scopes of the builds once. */
export const createIsForced = (
  builds: readonly ForcedBuild[],
  compileOnly: (glob: string) => (source: SourceKey) => boolean,
): IsForced => {
  const scopes = builds.map(({ only, ...build }) => ({
    ...build,
    isSelected: only === undefined ? undefined : compileOnly(only),
  }))
  return (source, result, storedAt) =>
    scopes.some(
      ({ since, isSelected, size, format }) =>
        storedAt < since &&
        (size === undefined || result.sizes.includes(size)) &&
        (format === undefined || resolveFormats([format], source).includes(result.format)) &&
        (isSelected === undefined || isSelected(source)),
    )
}

/** Whether two builds make the same results again. */
export const isSameScope = (a: ForcedScope, b: ForcedScope): boolean =>
  a.only === b.only && a.size === b.size && a.format === b.format

const SIGNATURE = { imgsizes: 'forced', version: 1 } as const

/** The text of forced.json; the inverse of {@link parseForced}. */
export const formatForced = (builds: readonly (ForcedScope & { readonly since?: number })[]): string =>
  `${JSON.stringify({ ...SIGNATURE, builds })}\n`

/** `modifiedAt` is the date of the file. Problem `forced-damaged`. */
export const parseForced = (
  name: string,
  { text, modifiedAt }: { readonly text: string; readonly modifiedAt: number },
): readonly ForcedBuild[] => {
  const file = parseJson(text)
  if (!isFile(file) || file.imgsizes !== SIGNATURE.imgsizes || file.version !== SIGNATURE.version)
    throw damaged(name)
  return file.builds.map((build) => ({ since: modifiedAt, ...build }))
}

interface ForcedFile {
  readonly imgsizes: string
  readonly version: number
  readonly builds: readonly (ForcedScope & { readonly since?: number })[]
}

const isChoice = (value: unknown): boolean => isText(value) && (value === 'original' || isFormat(value))

const isFile = having({
  imgsizes: isText,
  version: isNumber,
  builds: listOf(
    having({
      since: maybe(isNumber),
      only: maybe(isText),
      size: maybe(isText),
      format: maybe(isChoice),
      id: maybe(isText),
    }),
  ),
}) as (value: unknown) => value is ForcedFile

const damaged = (name: string): Problem =>
  new Problem('forced-damaged', `${name} cannot be read as the forced builds that are not done.`, {
    subject: name,
    hint: 'Delete it. If a build --force was not finished, run it again.',
  })
