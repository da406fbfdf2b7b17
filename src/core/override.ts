import type { Focus } from './position.ts'

/** What somebody has said of one picture in one size. */
export interface SizeOverride {
  /** Where every crop is taken. */
  readonly focus?: Focus
  /** 1..100. */
  readonly quality?: number
  /** Six lower-case hex digits. */
  readonly background?: string
}

/** What somebody has said of one picture. */
export interface Override extends SizeOverride {
  readonly alt?: string
  /** Nothing is made of it. */
  readonly exclude?: boolean
  /** By the name of a size; what one says goes before what is said of the picture. */
  readonly sizes?: Readonly<Record<string, SizeOverride>>
}

/** `over` before `under`, property by property, and so of each size. */
export const mergeOverrides = (under: Override | undefined, over: Override | undefined): Override => {
  const merged = { ...under, ...over }
  if (under?.sizes === undefined || over?.sizes === undefined) return merged
  const sizes: Record<string, SizeOverride> = { ...under.sizes }
  for (const [name, size] of Object.entries(over.sizes)) sizes[name] = { ...sizes[name], ...size }
  return { ...merged, sizes }
}

/** What counts for one size of a picture, property by property; undefined where nothing is said. */
export const overrideOfSize = (override: Override, size: string): SizeOverride => {
  const { focus, quality, background, sizes } = override
  return {
    ...(focus && { focus }),
    ...(quality !== undefined && { quality }),
    ...(background !== undefined && { background }),
    ...(sizes !== undefined && Object.hasOwn(sizes, size) && sizes[size]),
  }
}
