import type { Checker, Type } from 'typescript/unstable/sync'
import * as z from 'zod'
import { configSchema } from '../../src/config/schema.ts'
import { lookOf } from '../../src/config/schema-values.ts'
import { type Compiler, commentOf, listObjects } from './compiler.ts'

/** An option, and what its row says of it. */
export interface OptionRow {
  /** `limits.frames`; entries of a list or record are `*`, but dialects go by their type: `dialects.nginx.arg`. */
  readonly path: string
  /** Its comment, as editors show it. */
  readonly text: string
  readonly isRequired: boolean
  /** As its schema fills it in. */
  readonly initial: unknown
  /** What `@see` names: a title and a page. */
  readonly see: string | undefined
}

type Schema = z.core.JSONSchema.BaseSchema

/** The options of a configuration, and its JSON Schema: structure from the schemas, words from the rows' comments. */
export const readOptions = ({ configInput, checker }: Compiler) => {
  const schema = toJsonSchema(configSchema)
  return { schema, rows: describe(schema, '', [configInput], checker) }
}

const toJsonSchema = (of: z.ZodType): Schema =>
  z.toJSONSchema(of, {
    target: 'draft-07',
    io: 'input',
    unrepresentable: ({ zodSchema }) => {
      const like = lookOf(zodSchema)
      if (like === undefined) return 'throw'
      const { $schema: _, ...schema } = toJsonSchema(like)
      return schema
    },
    override: ({ zodSchema, jsonSchema }) => {
      // A pattern of JSON Schema cannot ignore letter case.
      const checks = zodSchema._zod.def.checks ?? []
      if (checks.some(({ _zod: { def } }) => 'pattern' in def && isLoose(def.pattern)))
        delete jsonSchema.pattern
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })

const isLoose = (pattern: unknown): boolean => pattern instanceof RegExp && pattern.ignoreCase

/** Gives each property its comment; returns them as rows. */
const describe = (
  schema: Schema,
  path: string,
  types: readonly Type[],
  checker: Checker,
): readonly OptionRow[] => {
  const parts = [schema.additionalProperties, schema.items].filter(isSchema)
  const inParts = [
    ...(schema.anyOf ?? []).flatMap((part) => describe(part, path, types, checker)),
    ...parts.flatMap((part) => describe(part, `${path}.*`, types, checker)),
  ]
  const properties = Object.entries(schema.properties ?? {}).filter((entry): entry is [string, Schema] =>
    isSchema(entry[1]),
  )
  if (properties.length === 0) return inParts
  const owner = types.find((type) => properties.every(([name]) => checker.getPropertyOfType(type, name)))
  const kind = isSchema(schema.properties?.type) ? schema.properties.type.const : undefined
  const base = kind === undefined ? path : path.replace(/\*$/, String(kind))
  return properties.flatMap(([name, property]) => {
    const symbol = owner && checker.getPropertyOfType(owner, name)
    const text = symbol === undefined ? '' : commentOf(symbol, checker)
    const inner = base === '' ? name : `${base}.${name}`
    if (symbol === undefined || text === '') throw new Error(`the option ${inner} has no comment`)
    property.description = text
    const see = symbol.getJsDocTags(checker).find((tag) => tag.name === 'see')?.text
    const type = checker.getTypeOfSymbol(symbol)
    return [
      {
        path: inner,
        text,
        isRequired: schema.required?.includes(name) ?? false,
        initial: property.default,
        see,
      },
      ...describe(property, inner, type === undefined ? [] : listObjects(type, checker), checker),
    ]
  })
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
