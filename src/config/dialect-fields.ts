import * as z from 'zod'
import type { DialectConfig, ServeConfig, SourceConfig } from './config.ts'
import { type Faults, joinPath } from './faults.ts'

/** What the dialects have in common. */

/** Any text. */
export const text = z.string({ error: 'a text' })
const PREFIX_ALLOWED = 'a path with "/" at both ends, such as /t/'
/** What the URLs of a dialect begin with. */
export const prefix = z
  .string({ error: PREFIX_ALLOWED })
  .regex(/^\/(?:[A-Za-z0-9._~-]+\/)*$/, { error: PREFIX_ALLOWED })

/** One text, or a list of such: always read as a list. */
export const oneOrMore = <S extends z.ZodType<string>>(schema: S, allowed: string) =>
  z.union(
    [schema.transform((one) => [one]), z.array(schema, { error: allowed }).min(1, { error: allowed })],
    { error: allowed },
  )

/** What a dialect is read beside. */
export interface DialectsContext {
  readonly quality: number
  /** Undefined where the sources are wrong themselves. */
  readonly sources?: readonly SourceConfig[] | undefined
  readonly versions: boolean
  readonly serve: Pick<ServeConfig, 'cache' | 'expiring'>
  readonly faults: Faults
}

/** The same for one entry of `dialects`. */
export interface DialectContext extends DialectsContext {
  readonly path: string
}

/** Undefined, with faults collected, where the entry is wrong. */
export type ReadDialect = (entry: unknown, context: DialectContext) => DialectConfig | undefined

/** That URLs are not signed must be written; a missing environment variable must not have this effect. */
export const checkSigned = (
  name: 'secret' | 'key',
  given: readonly string[],
  unsigned: boolean,
  { path, faults }: DialectContext,
): void => {
  if (given.length > 0 || unsigned) return
  faults.add(joinPath(path, name), 'nothing', `a ${name}, or unsigned: true`)
}

/** The name of the source that the URLs of a dialect name, where there are several. */
export const readSourceName = (
  name: string | undefined,
  isNeeded: boolean,
  { path, faults, sources }: DialectContext,
): string | undefined => {
  const names = sources?.flatMap((source) => source.name ?? []) ?? []
  const isKnown = name === undefined ? names.length === 0 || !isNeeded : names.includes(name)
  if (sources !== undefined && !isKnown)
    faults.add(
      joinPath(path, 'source'),
      name === undefined ? 'nothing' : JSON.stringify(name),
      names.length === 0 ? 'nothing: the one source has no name' : names.join(', '),
    )
  return name
}
