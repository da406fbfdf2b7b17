import type { Focus } from './position.ts'

/** What a user has set for one picture in one size. */
export interface SizeOverride {
  /** The point that every crop keeps in its middle. */
  readonly focus?: Focus
  /** 1..100. */
  readonly quality?: number
  /** Six lower-case hex digits. */
  readonly background?: string
}

/** What a user has set for one picture. */
export interface Override extends SizeOverride {
  readonly alt?: string
  /** Whether nothing is made of it. */
  readonly exclude?: boolean
  /** By name of a size; this takes precedence over what is set for the whole picture. */
  readonly sizes?: Readonly<Record<string, SizeOverride>>
}

/** Joins two overrides; where both set a property, `over` counts, also inside each size. */
export const mergeOverrides = (under: Override | undefined, over: Override | undefined): Override => {
  const merged = { ...under, ...over }
  if (under?.sizes === undefined || over?.sizes === undefined) return merged
  const sizes: Record<string, SizeOverride> = { ...under.sizes }
  for (const [name, size] of Object.entries(over.sizes)) sizes[name] = { ...sizes[name], ...size }
  return { ...merged, sizes }
}

/** What is set for one size of a picture; undefined where nothing is. */
export const overrideOfSize = (override: Override, size: string): SizeOverride => {
  const { focus, quality, background, sizes } = override
  return {
    ...(focus && { focus }),
    ...(quality !== undefined && { quality }),
    ...(background !== undefined && { background }),
    ...(sizes !== undefined && Object.hasOwn(sizes, size) && sizes[size]),
  }
}
