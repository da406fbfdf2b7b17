import * as z from 'zod'
import { isObject } from '../core/json.ts'
import type { DialectConfig } from './config.ts'
import type { DialectsContext, ReadDialect } from './dialect-fields.ts'
import { describeFound, type Faults, joinPath } from './faults.ts'
import { type ImgproxyDialectInput, imgproxySchema, readImgproxy } from './imgproxy-dialect.ts'
import { type NginxDialectInput, nginxSchema, readNginx } from './nginx-dialect.ts'

/** The URLs of another image server, answered as it did. */
export const dialectSchema = z.union([nginxSchema, imgproxySchema])
/** One of `dialects`. */
export type DialectInput = NginxDialectInput | ImgproxyDialectInput

const READERS: Readonly<Record<DialectConfig['type'], ReadDialect>> = {
  nginx: readNginx,
  imgproxy: readImgproxy,
}

/** Reads `dialects` of a configuration. Faults are collected, and never show a secret. */
export const readDialects = (input: unknown, context: DialectsContext): readonly DialectConfig[] => {
  if (input === undefined) return []
  if (!Array.isArray(input)) {
    const allowed = "a list of objects such as { type: 'imgproxy' }"
    context.faults.add('dialects', describeFound(input), allowed)
    return []
  }
  const owners = new Map<string, string>()
  return input.flatMap((entry: unknown, index) => {
    const path = joinPath('dialects', index)
    const dialect = readDialect(entry, { ...context, path })
    if (dialect === undefined) return []
    checkReached(dialect, { path, owners, faults: context.faults })
    return [dialect]
  })
}

/** If two dialects have one prefix, and the first no form, or the same, the second is never asked. */
const checkReached = (
  dialect: DialectConfig,
  { path, owners, faults }: { path: string; owners: Map<string, string>; faults: Faults },
): void => {
  const { prefix } = dialect
  const urls = prefix + (dialect.type === 'nginx' && dialect.form !== undefined ? dialect.form : '')
  const owner = owners.get(prefix) ?? owners.get(urls)
  owners.set(urls, owner ?? path)
  if (owner !== undefined)
    faults.add(
      joinPath(path, 'prefix'),
      `${JSON.stringify(prefix)}, which is that of ${owner} too`,
      'a prefix of its own: with one prefix only the first is ever asked',
    )
}

const readDialect: ReadDialect = (entry, context) => {
  const { path, faults } = context
  const type = isObject(entry) ? entry.type : undefined
  const [, read] = Object.entries(READERS).find(([known]) => known === type) ?? []
  if (read === undefined)
    return faults.add(joinPath(path, 'type'), describeFound(type), Object.keys(READERS).join(', '))
  const faultsBefore = faults.count
  const dialect = read(entry, context)
  return faults.count > faultsBefore ? undefined : dialect
}
