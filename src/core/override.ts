import { defined } from './defined.ts'
import type { Crop } from './operations.ts'
import { type CoverPosition, type Focus, toCoverPosition } from './position.ts'
import { cropRegion, focusInRegion, turnFocus } from './preparation.ts'
import type { Resize, Transform } from './transform.ts'

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
    ...defined({ focus, quality, background }),
    ...(sizes !== undefined && Object.hasOwn(sizes, size) && sizes[size]),
  }
}

/**
 * `transform` as it is wanted of one picture: a focus takes the place of every position that a crop may have, in the
 * fields' canonical order.
 */
export const overrideTransform = (
  transform: Transform,
  { focus, quality = transform.quality, background = transform.background }: SizeOverride,
): Transform => {
  if (
    !(focus && takesFocus(transform)) &&
    quality === transform.quality &&
    background === transform.background
  )
    return transform
  const { resize, crop } = transform
  const turned = focus && turnFocus(focus, transform)
  const placed = turned === undefined ? resize : placeAt(resize, toCoverPosition(inCrop(turned, transform)))
  const changed = { ...transform, resize: placed, quality }
  if (turned && crop?.position === 'attention') changed.crop = placeCrop(crop, toCoverPosition(turned))
  if (background === undefined || background === transform.background) return changed
  const { background: _, quality: __, version, ...rest } = changed
  return { ...rest, background, quality, ...(version !== undefined && { version }) }
}

/** Whether a focus decides what a transform shows. */
export const takesFocus = ({ resize, crop }: Transform): boolean =>
  CUTTING.has(resize.kind) || crop?.position === 'attention'

/**
 * Where the point lies in what a crop leaves, as far as that can be said of a picture whose size is not known: where the
 * crop is in percent.
 */
const inCrop = (focus: Focus, { crop }: Transform): Focus => {
  if (crop === undefined || !('percent' in crop.width) || !('percent' in crop.height)) return focus
  return focusInRegion(focus, cropRegion(crop, ANY, focus), ANY)
}

const ANY = { width: 100_000, height: 100_000 } as const

/** With this position, where it is one that cuts; else the same. */
export const placeAt = (resize: Resize, position: CoverPosition | undefined): Resize => {
  switch (resize.kind) {
    case 'cover':
    case 'down':
    case 'clip':
    case 'auto': {
      // Spelled out: with millions of keys, copies by spreading with a property added fill V8's old space.
      const { kind, width, height } = resize
      return position === undefined ? { kind, width, height } : { kind, width, height, position }
    }
    default:
      return resize
  }
}

const placeCrop = ({ width, height }: Crop, position: CoverPosition | undefined): Crop =>
  position === undefined ? { width, height } : { width, height, position }

const CUTTING: ReadonlySet<Resize['kind']> = new Set(['cover', 'down', 'clip', 'auto'])
