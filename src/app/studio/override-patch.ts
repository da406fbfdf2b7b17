import * as z from 'zod'
import type { OverrideInput } from '../../config/overrides-schema.ts'
import type { Focus } from '../../core/position.ts'
import { Problem } from '../../core/problem.ts'
import type { OverridePatch } from './protocol.ts'

/** The patch in the body of a request. Problem `option-invalid`. */
export const parsePatch = (body: unknown): OverridePatch => {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data as OverridePatch
  const [issue] = parsed.error.issues
  throw new Problem(
    'option-invalid',
    `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is wrong'}`,
  )
}

/** An entry of the overrides, changed by a patch; its other fields stay, in their order. */
export const patchOverride = (before: OverrideInput, { sizes, ...own }: OverridePatch): OverrideInput => {
  const after: Writable = { ...before }
  patchFields(after, own)
  if (sizes === undefined) return after as OverrideInput
  const all: Record<string, Writable> = { ...(before.sizes as Record<string, Writable> | undefined) }
  for (const [name, size] of Object.entries(sizes)) {
    const entry: Writable = { ...all[name] }
    patchFields(entry, size)
    if (Object.keys(entry).length > 0) all[name] = entry
    else delete all[name]
  }
  if (Object.keys(all).length > 0) after.sizes = all
  else delete after.sizes
  return after as OverrideInput
}

type Writable = Record<string, unknown>

const patchFields = (entry: Writable, patch: Omit<OverridePatch, 'sizes'>): void => {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete entry[name]
    else if (value !== undefined) entry[name] = name === 'focus' ? toPair(value as Focus) : value
  }
}

const toPair = ({ x, y }: Focus): readonly [number, number] => [x, y]

const perMille = z.int().min(0).max(1000)
const sized = {
  focus: z.strictObject({ x: perMille, y: perMille }).nullable().optional(),
  quality: z.int().min(1).max(100).nullable().optional(),
}
const LONGEST_ALT = 10_000
const schema = z.strictObject({
  ...sized,
  alt: z.string().max(LONGEST_ALT).nullable().optional(),
  sizes: z.record(z.string(), z.strictObject(sized)).optional(),
})
