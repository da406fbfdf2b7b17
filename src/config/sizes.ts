import type * as z from 'zod'
import { defined } from '../core/defined.ts'
import type { FormatChoice } from '../core/format.ts'
import { isObject } from '../core/json.ts'
import {
  type CoverPosition,
  formatTransform,
  MAX_SIDE,
  type Resize,
  type Transform,
} from '../core/transform.ts'
import type { SizeConfig, SizeTransform } from './config.ts'
import { describeFound, type Faults, joinPath, quote, readObject } from './faults.ts'
import { toOperations } from './operations-schema.ts'
import { sizeSchema } from './schema.ts'
import { suggestName } from './suggest.ts'

interface SizeContext {
  readonly quality: number
  /** The top-level formats; undefined where those are wrong themselves. */
  readonly formats?: readonly FormatChoice[] | undefined
  readonly watermarkId?: string | undefined
  readonly faults: Faults
}

type SizeFields = z.output<typeof sizeSchema>

/** One entry of `sizes` as its transforms; undefined, with faults collected, where it is wrong. */
export const readSize = (name: string, input: unknown, context: SizeContext): SizeConfig | undefined => {
  const { faults } = context
  const path = joinPath('sizes', name)
  const faultsBefore = faults.count
  if (!/^[a-zA-Z0-9_-]+$/.test(name))
    faults.add(path, `the name ${quote(name)}`, 'names of letters, digits, "_" and "-"')
  checkLists(input, { path, faults })
  const fields = readObject(sizeSchema, input, { path, faults })
  if (fields === undefined || !isObject(input)) return undefined
  const said = Object.keys(input).filter((key) => input[key] !== undefined)
  const given = new Set(said.map((key) => (key in sizeSchema.shape ? key : (suggestName(key, AXES) ?? key))))
  checkTogether(fields, given, { path, faults })
  checkFormats(fields.formats, context, path)
  if (fields.watermark && context.watermarkId === undefined)
    faults.add(
      joinPath(path, 'watermark'),
      'true without a watermark',
      'with watermark: { file } beside sizes',
    )
  const transforms = expand(fields, context, { path, faults })
  if (faults.count > faultsBefore) return undefined
  return {
    name,
    transforms,
    match: fields.match,
    formats: fields.formats && [...new Set(fields.formats)],
    sizes: fields.sizes,
    draws: (fields.draw ?? fields.formats !== undefined) || undefined,
  }
}

/**
 * A list where `widths` is meant: `width: [320, 640]`. Checked first, because only the first fault of a path is kept.
 */
const checkLists = (input: unknown, { path, faults }: Where): void => {
  if (!isObject(input)) return
  for (const [one, several] of [
    ['width', 'widths'],
    ['height', 'heights'],
  ] as const)
    if (Array.isArray(input[one]))
      faults.add(joinPath(path, one), describeFound(input[one]), 'a whole number', several)
}

interface Where {
  readonly path: string
  readonly faults: Faults
}

const AXES = ['full', 'widths', 'heights', 'width', 'height'] as const
const AXES_TOGETHER = new Set(['full', 'widths', 'heights', 'width', 'height', 'width and height'])

/** Which fields go together, by what is given, even if misspelt or unreadable: a fault must not cause another. */
const checkTogether = (fields: SizeFields, given: ReadonlySet<string>, { path, faults }: Where): void => {
  const refuse = (key: string, found: string, allowed: string): void =>
    faults.add(joinPath(path, key), found, allowed)
  const axes = AXES.filter((axis) => given.has(axis)).join(' and ')
  const isBox = axes === 'width and height'
  if (!AXES_TOGETHER.has(axes))
    faults.add(
      path,
      axes === '' ? 'neither width nor height' : axes,
      'widths, heights, width, height, width and height, or full',
    )
  if (given.has('full'))
    for (const key of ['densities', 'enlarge'])
      if (given.has(key)) refuse(key, 'set with full', 'not with full: the picture is as it is')
  if (given.has('densities') && (given.has('widths') || given.has('heights')))
    refuse('densities', 'set for a list of sides', 'only with width or height; a list serves every density')
  for (const key of ['fit', 'position'])
    if (given.has(key) && !isBox)
      refuse(key, `set without ${given.has('width') ? 'height' : 'width'}`, 'only with width and height')
  if (!given.has('position') || (given.has('fit') && fields.fit === undefined)) return
  if (fields.fit === 'inside' || fields.fit === 'fill' || fields.fit === 'stretch')
    refuse('position', `set with fit ${fields.fit}`, 'only with fit cover, down, clip, auto or contain')
  if (fields.fit === 'contain' && !isEdge(fields.position))
    refuse('position', 'attention or a focus with fit contain', 'with fit contain an edge or corner')
}

/** Whether `contain` accepts a position, too. */
const isEdge = (position: SizeFields['position']): boolean =>
  typeof position !== 'object' && position !== 'attention'

const checkFormats = (
  formats: readonly FormatChoice[] | undefined,
  { formats: known, faults }: SizeContext,
  path: string,
): void => {
  if (known === undefined) return
  const strange = formats?.filter((format) => !known.includes(format)) ?? []
  if (strange.length > 0)
    faults.add(
      joinPath(path, 'formats'),
      strange.join(', '),
      `those of the top-level formats: ${known.join(', ')}`,
    )
}

/** The transforms of a size in order of side, then density; equal ones are kept once, with the lowest density. */
const expand = (fields: SizeFields, context: SizeContext, where: Where): readonly SizeTransform[] => {
  const { background, quality = context.quality } = fields
  const watermark = fields.watermark ? context.watermarkId : undefined
  const seen = new Set<string>()
  return listResizes(fields, where).flatMap(({ resize, density }) => {
    const transform: Transform = {
      resize,
      ...toOperations(fields, density),
      ...defined({ watermark, background }),
      quality,
    }
    const text = formatTransform(transform)
    if (seen.has(text)) return []
    seen.add(text)
    return [{ transform, density }]
  })
}

interface DenseResize {
  readonly resize: Resize
  readonly density: number
}

const listResizes = (fields: SizeFields, where: Where): readonly DenseResize[] => {
  const { full, widths, heights } = fields
  if (full) return [{ resize: { kind: 'full' }, density: 1 }]
  if (widths !== undefined)
    return ascending(widths).map((width) => ({ resize: { kind: 'width', width }, density: 1 }))
  if (heights !== undefined)
    return ascending(heights).map((height) => ({ resize: { kind: 'height', height }, density: 1 }))
  return ascending(fields.densities ?? [1]).flatMap((density) => listDense(fields, density, where))
}

const ascending = (numbers: readonly number[]): readonly number[] =>
  [...new Set(numbers)].sort((a, b) => a - b)

const listDense = (fields: SizeFields, density: number, { path, faults }: Where): readonly DenseResize[] => {
  const scaled = (side: number | undefined): number | undefined => {
    if (side === undefined) return undefined
    const dense = Math.round(side * density)
    if (dense <= MAX_SIDE) return dense
    const found = `${side} × ${density} = ${dense} pixels`
    return faults.add(joinPath(path, 'densities'), found, `sides of 1..${MAX_SIDE} pixels`)
  }
  const width = scaled(fields.width)
  const height = scaled(fields.height)
  if (width !== undefined && height !== undefined)
    return [{ resize: toBox({ width, height }, fields), density }]
  if (width !== undefined) return [{ resize: { kind: 'width', width }, density }]
  return height === undefined ? [] : [{ resize: { kind: 'height', height }, density }]
}

/** Both sides without a fit mean a crop: the result has exactly this size. */
const toBox = (box: { readonly width: number; readonly height: number }, fields: SizeFields): Resize => {
  const { fit = 'cover' } = fields
  const position: CoverPosition | undefined = fields.position === 'centre' ? undefined : fields.position
  if (fit === 'inside' || fit === 'fill' || fit === 'stretch') return { kind: fit, ...box }
  if (fit !== 'contain') return { kind: fit, ...box, ...(position !== undefined && { position }) }
  // Other positions are told as faults by checkTogether.
  if (position === undefined || position === 'attention' || typeof position === 'object')
    return { kind: fit, ...box }
  return { kind: fit, ...box, position }
}
