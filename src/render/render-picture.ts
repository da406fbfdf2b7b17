import { canHoldFrames } from '../core/format.ts'
import { isSameSize, type Size } from '../core/geometry.ts'
import { type Preparation, preparationOf } from '../core/preparation.ts'
import type { Problem } from '../core/problem.ts'
import { findAttention, type Reductions, readRaster, reduceToRaster } from './attention.ts'
import { isUnsigned } from './copyright.ts'
import { toDecodable } from './decodable.ts'
import { openMaster, type ReadableHeader, readMaster, readScale, readWideColours } from './decode.ts'
import { type DrawnFrom, drawFiles, isOwnFile, keepReductions, onlyShare } from './draw-files.ts'
import {
  type DrawingRequest,
  group,
  masterSize,
  type OnlyFile,
  onlyFile,
  planDrawings,
  preparedScale,
} from './drawings.ts'
import { finish } from './encode.ts'
import { toVector } from './make-vector.ts'
import {
  isRaster,
  type OutputRequest,
  type RasterRequest,
  type Rendered,
  type RenderLimits,
  type RenderReport,
} from './port.ts'
import { prepare } from './prepare.ts'
import { findPreview } from './preview.ts'
import { readWhatCanBe, type WatchedReading } from './reading.ts'
import { type CleanSvg, cleanSvg } from './svg/clean-svg.ts'
import { listUndrawn } from './svg/undrawn.ts'
import { toDrawablePictures } from './svg-pictures.ts'

/** A source, and what is made of it. */
export interface PictureTask extends DrawnFrom {
  readonly outputs: readonly OutputRequest[]
  readonly limits: RenderLimits
  readonly wantsPreview?: boolean
  readonly wantsSubjects?: boolean
  /** Whether wide colours are kept, in Display P3, or converted to sRGB. Default `keep`. */
  readonly colors?: 'keep' | 'srgb'
  /** The outputs to make here, by their indexes; the others are made elsewhere. Default: all. */
  readonly share?: readonly number[]
}

/**
 * Makes every output of one source, or those of a share (which are the same to the byte), in steps that each do their
 * work once: attend, decode, prepare, resample, filter, lay, mark, encode. Between them, only the master, what smaller
 * sizes are made from, and the drawings being encoded are in memory.
 */
export const renderPicture = async (picture: PictureTask): Promise<RenderReport> => {
  const { header, limits } = picture
  if (header.facts.mediaFormat === 'svg') {
    const svg = cleanSvg(picture.bytes)
    const bytes = Buffer.from(await toDrawablePictures(svg.drawing))
    const undrawn = picture.outputs.some(isRaster) ? listUndrawn(svg.drawing) : []
    const report = await drawAsked({ ...picture, bytes, header: { ...header, density: svg.density } }, svg)
    return undrawn.length === 0 ? report : { ...report, undrawn }
  }
  const drawFrom = async ({ bytes: read, ...reading }: WatchedReading): Promise<RenderReport> => {
    const bytes = await toDecodable(read, header.facts.mediaFormat, reading.failOn)
    const readable = { ...header, ...reading }
    const scale = await readScale(bytes, header)
    const colours = picture.colors === 'srgb' ? undefined : await readWideColours(bytes, readable)
    return drawAsked({ ...picture, bytes, header: { ...readable, scale, colours } })
  }
  const { value: report, damage = header.damage } = await readWhatCanBe(
    picture.bytes,
    limits.damaged,
    drawFrom,
  )
  return damage === undefined ? report : { ...report, damage }
}

const drawAsked = async (picture: PictureTask, svg?: CleanSvg): Promise<RenderReport> => {
  const { bytes, header, outputs, wantsPreview, wantsSubjects, share = [...outputs.keys()] } = picture
  const isMine = new Set(share)
  // A crop's point is found on the raster of the source itself, so that it is the same whatever else is asked for.
  const { faces } = header
  const asks = asksForAttention(outputs)
  let raster = wantsSubjects || (asks && faces === undefined) ? await readRaster(bytes, header) : undefined
  const saliency = raster && findAttention(raster)
  const attention = asks || wantsPreview ? (faces?.focus ?? saliency) : undefined
  const look = async (reductions: Reductions): Promise<void> => {
    if (wantsPreview) raster ??= await reduceToRaster(reductions, header)
  }
  const made = new Map<number, Rendered | Problem>()
  const drawn: { readonly place: number; readonly output: RasterRequest }[] = []
  for (const [place, output] of outputs.entries())
    if (isRaster(output)) drawn.push({ place, output })
    else made.set(place, toVector(svg))
  for (const [preparation, places] of group(drawn, ({ output }) => preparationOf(output.transform))) {
    if (!wantsPreview && !places.some(({ place }) => isMine.has(place))) continue
    const request: SharedRequest = {
      ...picture,
      outputs: places.map(({ output }) => output),
      isMine: (index) => isMine.has(places[index]?.place ?? -1),
      facts: header.facts,
      ...(attention !== undefined && { attention }),
    }
    const own = preparation
      ? await drawPrepared(picture, preparation, request)
      : await drawPlain(picture, request, look)
    for (const [index, { place }] of places.entries()) {
      const one = own.get(index)
      if (one !== undefined) made.set(place, one)
    }
  }
  if (wantsPreview) raster ??= await readRaster(bytes, header)
  const preview = wantsPreview && raster ? await findPreview(raster) : undefined
  const point = attention ?? (preview && raster && findAttention(raster))
  return {
    facts: header.facts,
    ...(header.isWide && { colors: header.colours === undefined ? 'srgb' : 'keep' }),
    ...(point && { attention: point }),
    ...(preview && { preview }),
    ...(wantsSubjects && saliency && { subjects: { saliency, ...(faces && { faces }) } }),
    ...((asks || wantsPreview) && { attentionBy: faces === undefined ? 'saliency' : 'faces' }),
    outputs: share.map((place) => made.get(place) ?? missing(place)),
  }
}

/** By index in the request. */
type Made = ReadonlyMap<number, Rendered | Problem>

interface SharedRequest extends DrawingRequest {
  /** Whether an output, by its index in the request, is made here. */
  readonly isMine: (index: number) => boolean
}

/** `look` receives what is made from the master on the way to the results. */
const drawPlain = async (
  picture: PictureTask,
  request: SharedRequest,
  look: (reductions: Reductions) => Promise<void>,
): Promise<Made> => {
  const { drawings, refused } = planDrawings(request)
  if (drawings.length === 0) return refused
  const { bytes, header } = picture
  const frames = Math.max(...drawings.map((drawing) => drawing.frames))
  const size = masterSize(drawings, header.facts)
  const only = picture.wantsPreview || picture.wantsScore ? undefined : onlyFile(drawings, size)
  const straight =
    only && isPlain(header, only, size) && !isOwnFile(header.facts, only.crop, only)
      ? await encodeStraight(picture, size, only)
      : undefined
  if (only !== undefined && straight !== undefined)
    return new Map<number, Rendered | Problem>([
      ...refused,
      ...only.outputs.map((place) => [place, straight] as const),
    ])
  const reductions = keepReductions(await readMaster(bytes, header, { size, frames, mayBeTurned: true }))
  const made = await drawFiles(reductions, onlyShare(drawings, request.isMine), picture)
  await look(reductions)
  return new Map<number, Rendered | Problem>([...refused, ...made])
}

/**
 * Whether only pixels would pass from a source to a file: they are 8-bit RGB, one frame, and there is no credit to
 * write, with which sharp would keep more of the source's EXIF. A PNG would keep its density. And whether the file
 * would be encoded in the usual way: for drawings, other ways are tried.
 */
const isPlain = (
  { facts, channels, sampleBytes, credit, colours, highRange, orientation }: ReadableHeader,
  { encoding, crop }: OnlyFile,
  size: Size,
): boolean =>
  channels === 3 &&
  sampleBytes === 1 &&
  !facts.hasAlpha &&
  facts.frames === 1 &&
  facts.mediaFormat === 'jpeg' &&
  isUnsigned(credit) &&
  colours === undefined &&
  highRange === undefined &&
  encoding.format !== 'png' &&
  // sharp would decode a turned or mirrored picture otherwise, or cut another part out of it.
  (orientation === 1 || isSameSize(crop, size))

/**
 * Decoded, resized, cropped and encoded by one pipeline, whose pixels never reach us: exactly the same file for a
 * twentieth less CPU. Undefined where that fails: the separate steps then report the reason.
 */
const encodeStraight = async (
  { bytes, header }: PictureTask,
  size: Size,
  { encoding, crop }: OnlyFile,
): Promise<Rendered | undefined> => {
  try {
    const whole = await openMaster(bytes, header, { size, frames: 1 })
    const shown = isSameSize(crop, size) ? whole : whole.extract({ ...crop })
    return await finish(shown, { ...crop, frames: 1 }, encoding, header)
  } catch {
    return undefined
  }
}

/** What is trimmed, and so every size, is known only once the pixels are there. */
const drawPrepared = async (
  picture: PictureTask,
  preparation: Preparation,
  request: SharedRequest,
): Promise<Made> => {
  const { bytes, header } = picture
  const { facts } = header
  const frames = request.outputs.some(({ format }) => canHoldFrames(format)) ? facts.frames : 1
  const scale = preparedScale(preparation, request)
  const size = { width: Math.round(facts.width * scale), height: Math.round(facts.height * scale) }
  const master = await readMaster(bytes, header, { size, frames })
  const { attention } = request
  const prepared = await prepare(master, preparation, { scale, ...(attention && { attention }) })
  const { drawings, refused } = planDrawings({
    ...request,
    facts: { ...facts, ...prepared.size },
    ...(prepared.attention && { attention: prepared.attention }),
  })
  return new Map<number, Rendered | Problem>([
    ...refused,
    ...(await drawFiles(keepReductions(prepared.pixels), onlyShare(drawings, request.isMine), picture)),
  ])
}

const asksForAttention = (outputs: readonly OutputRequest[]): boolean =>
  outputs.some(
    ({ transform: { resize, crop } }) =>
      ('position' in resize && resize.position === 'attention') || crop?.position === 'attention',
  )

const missing = (place: number): never => {
  throw new Error(`output ${place} was neither made nor refused`)
}
