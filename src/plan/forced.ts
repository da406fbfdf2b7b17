/**
 * Builds that make everything again and have not been seen to end: `forced.json` beside the ledger.
 *
 *     {"imgsizes":"forced","version":1,"builds":[{"since":1764324000000,"only":"blog/**"},{"id":"7c0f…"}]}
 *
 * A result of such a build's scope that was stored before `since` is still to be made again, though it is fresh: by it,
 * by one of its shares that was lost, or by any build after it. Nothing else tells: what is made again has the same key,
 * and mostly the same bytes. The last that began has no `since` but the date of the file itself, so that one clock, that
 * of the store, says both. `id` is that of its stored plan.
 */

import { isFormat, resolveFormats } from '../core/format.ts'
import { having, isNumber, isText, listOf, maybe } from '../core/json.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { ExpectedResult, Narrowing } from './expected.ts'

/** What of everything a forced build makes again. */
export interface ForcedScope extends Narrowing {
  /** The glob of its sources; absent: all. */
  readonly only?: string
  readonly id?: string
}

export interface ForcedBuild extends ForcedScope {
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Which results are to be made again because of when they were stored. */
export type IsForced = (source: SourceKey, result: ExpectedResult, storedAt: number) => boolean

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

export const isSameScope = (a: ForcedScope, b: ForcedScope): boolean =>
  a.only === b.only && a.size === b.size && a.format === b.format

const SIGNATURE = { imgsizes: 'forced', version: 1 } as const

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

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const damaged = (name: string): Problem =>
  new Problem('forced-damaged', `${name} cannot be read as the forced builds that are not done.`, {
    subject: name,
    hint: 'Delete it, and run build --force again where one has not come to its end.',
  })
