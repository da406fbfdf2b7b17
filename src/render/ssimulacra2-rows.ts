import type { Size } from '../core/geometry.ts'
import { isWeighed, MAPS, NORMS } from './ssimulacra2-weights.ts'
import { type Instance, instantiate, lazily, loadModule } from './wasm.ts'

/** A picture for the metric: 8 bits of sRGB or Display P3, three bytes per pixel, row by row. */
export interface RgbPicture extends Size {
  readonly samples: Uint8Array
  /** Undefined: sRGB. */
  readonly gamut?: 'p3'
}

/** The exports of `wasm/ssimulacra2.ts`; numbers are addresses in its memory, unless they are sizes. */
interface Kernel {
  /** The first address that the module itself does not use. */
  readonly FREE: { readonly value: number }
  toLinear(from: number, width: number, red: number, green: number, blue: number): void
  fromP3(width: number, red: number, green: number, blue: number): void
  halveRow(from: number, width: number, to: number, isSecond: boolean): void
  toChannel(channel: number, width: number, red: number, green: number, blue: number, to: number): void
  filterRow(a: number, b: number, width: number, rowBytes: number, scratch: number, to: number): void
  stepColumns(
    width: number,
    rowBytes: number,
    above: number,
    below: number,
    last: number,
    before: number,
  ): void
  sumRow(
    a: number,
    b: number,
    width: number,
    rowBytes: number,
    above: number,
    below: number,
    last: number,
    before: number,
    sums: number,
  ): void
}

/** The sums of one scale: for each channel that counts, three maps, each with its sum and its sum of fourth powers. */
export interface ScaleSums extends Size {
  readonly channels: ReadonlyMap<number, Float64Array>
}

/** Each scale is half of the one before, while both sides are at least this long. */
export const SCALES = { most: 6, leastSide: 8 } as const

const CHANNELS = [0, 1, 2] as const
const PICTURES = [0, 1] as const
const FLOAT_BYTES = 4
const DOUBLE_BYTES = 8
const PAGE_BYTES = 65_536
/** What a horizontal filter reads before a row: four samples of zero; behind it there are twice as many. */
const MARGIN_BYTES = 16
/** The rows that a vertical filter reads, relative to the current one. */
const ROWS_ABOVE = 6
const ROWS_BELOW = 4
const KEPT_ROWS = ROWS_ABOVE + ROWS_BELOW + 1
/** For each channel: two means, two squares and a product. */
const QUANTITIES = 5
const OSCILLATORS = 3
const SUMS_BYTES = MAPS * NORMS * DOUBLE_BYTES

/** The running module, its memory, and which picture's rows it keeps as the reference of another comparison. */
interface Engine extends Instance<Kernel> {
  reference?: RgbPicture
}

// Compiled once, so that optimised code is kept.
const kernel = lazily(() => loadModule('#ssimulacra2'))

/** Starts the module with memory of its own. */
export const openEngine = (): Engine => instantiate<Kernel>(kernel())

/**
 * Compares two pictures scale by scale and row by row. Of the second, only a few rows of the largest scale are in
 * memory as floats; of the first all are, so that another picture is compared with it for two thirds of the work.
 */
export const compareRows = (
  engine: Engine,
  pictures: readonly [RgbPicture, RgbPicture],
): readonly ScaleSums[] => {
  const sizes = listScales(pictures[0])
  const arena = layOut(sizes, pictures, engine)
  prepare(engine.memory, arena, pictures)
  const scales = sizes.map((_, scale) => compareScale(engine, arena, scale))
  engine.reference = pictures[0]
  return scales
}

const listScales = ({ width, height }: Size): readonly Size[] => {
  const scales: Size[] = []
  for (let size: Size = { width, height }; scales.length < SCALES.most; ) {
    scales.push(size)
    if (size.width < SCALES.leastSide || size.height < SCALES.leastSide) break
    size = { width: (size.width + 1) >> 1, height: (size.height + 1) >> 1 }
  }
  return scales
}

/** The layout of the kernel's memory. */
type Arena = ReturnType<typeof layOut>

const layOut = (sizes: readonly Size[], pictures: readonly RgbPicture[], engine: Engine) => {
  let end = Math.ceil(engine.kernel.FREE.value / 16) * 16
  const take = (sizeBytes: number): number => {
    const address = end
    end += Math.ceil(sizeBytes / 16) * 16
    return address
  }
  const takeRows = (count: number, sizeBytes: number): readonly number[] =>
    Array.from({ length: count }, () => take(sizeBytes))
  const rowBytes = wholeVectors(sizes[0]?.width ?? 0) + 3 * MARGIN_BYTES
  return {
    sizes,
    rowBytes,
    /** The pictures as they were given. */
    sources: pictures.map(({ samples }) => take(samples.length)),
    isP3: pictures.some(({ gamut }) => gamut === 'p3'),
    /** By scale and picture red, green and blue in linear light, by their first rows; for the first scale, one row. */
    planes: sizes.map(({ width, height }, scale) =>
      PICTURES.map(() => {
        const planeRowBytes = wholeVectors(width) + MARGIN_BYTES
        const addresses = takeRows(3, planeRowBytes * (scale === 0 ? 1 : height))
        return { addresses, rowBytes: planeRowBytes }
      }),
    ),
    /** For the first picture, by scale and channel. */
    reference: sizes.map(({ width, height }) => {
      const rowBytes = wholeVectors(width) + 3 * MARGIN_BYTES
      return CHANNELS.map(() => ({ address: take(rowBytes * height) + MARGIN_BYTES, rowBytes }))
    }),
    /** Whether those rows are filled. */
    isKnown: engine.reference === pictures[0],
    /** The rows of each channel in use; each new one replaces the oldest. */
    rows: CHANNELS.map(() => ({
      /** Of the second picture. */
      samples: takeRows(KEPT_ROWS, rowBytes).map((row) => row + MARGIN_BYTES),
      /** Filtered horizontally: five quantities in each. */
      filtered: takeRows(KEPT_ROWS, rowBytes * QUANTITIES),
      /** The last two outputs of the oscillators, in turns. */
      states: takeRows(2, rowBytes * QUANTITIES * OSCILLATORS),
    })),
    nothing: take(rowBytes * QUANTITIES),
    scratch: take(rowBytes * 3 + MARGIN_BYTES) + MARGIN_BYTES,
    sums: take(CHANNELS.length * SUMS_BYTES),
    end,
  }
}

/** Bytes of a row of floats, rounded up to vectors of four. */
const wholeVectors = (width: number): number => Math.ceil(width / 4) * 4 * FLOAT_BYTES

const prepare = (memory: WebAssembly.Memory, arena: Arena, pictures: readonly RgbPicture[]): void => {
  const missing = Math.ceil((arena.end - memory.buffer.byteLength) / PAGE_BYTES)
  if (missing > 0) memory.grow(missing)
  const bytes = new Uint8Array(memory.buffer)
  if (!arena.isKnown) bytes.fill(0, at(arena.reference[0], 0).address - MARGIN_BYTES, arena.end)
  for (const picture of picturesToRead(arena))
    bytes.set(pictures[picture]?.samples ?? [], arena.sources[picture])
}

const picturesToRead = ({ isKnown }: Arena): readonly number[] => (isKnown ? [1] : PICTURES)

const compareScale = ({ kernel, memory }: Engine, arena: Arena, scale: number): ScaleSums => {
  const size = at(arena.sizes, scale)
  const channels = CHANNELS.filter((channel) => isWeighed(channel, scale, arena.sizes.length))
  const firstRow = at(at(arena.rows, 0).samples, 0) - MARGIN_BYTES
  new Uint8Array(memory.buffer).fill(0, firstRow, arena.end)
  for (let row = 0; row < size.height + ROWS_BELOW; row++) {
    if (row < size.height) readRow(kernel, arena, { scale, row, channels })
    for (const channel of channels) sumRow(kernel, arena, { scale, row: row - ROWS_BELOW, channel })
  }
  const sumsOf = (channel: number): Float64Array =>
    new Float64Array(memory.buffer, arena.sums + channel * SUMS_BYTES, MAPS * NORMS).slice()
  return { ...size, channels: new Map(channels.map((channel) => [channel, sumsOf(channel)])) }
}

type Row = Readonly<Record<'scale' | 'row', number>>

/** Reads a row of both pictures: half a row of the next scale, and for each channel the horizontally filtered row. */
const readRow = (
  kernel: Kernel,
  arena: Arena,
  { scale, row, channels }: Row & { readonly channels: readonly number[] },
): void => {
  const { width } = at(arena.sizes, scale)
  const ownRows = (channel: number): readonly [number, number] => [
    referenceRow(arena, { scale, row, channel }),
    at(at(arena.rows, channel).samples, row % KEPT_ROWS),
  ]
  for (const picture of picturesToRead(arena)) {
    const lines = linesOf(kernel, arena, { scale, row, picture })
    halve(kernel, arena, { scale, row, picture, lines })
    const [red = 0, green = 0, blue = 0] = lines
    for (const channel of channels)
      kernel.toChannel(channel, width, red, green, blue, at(ownRows(channel), picture))
  }
  for (const channel of channels) {
    const to = at(at(arena.rows, channel).filtered, row % KEPT_ROWS)
    kernel.filterRow(...ownRows(channel), width, arena.rowBytes, arena.scratch, to)
  }
}

const referenceRow = (
  { reference }: Arena,
  { scale, row, channel }: Row & { readonly channel: number },
): number => {
  const { address, rowBytes } = at(reference[scale], channel)
  return address + row * rowBytes
}

/** A picture's row in linear light: three addresses. */
const linesOf = (
  kernel: Kernel,
  { sizes, sources, planes, isP3 }: Arena,
  { scale, row, picture }: Row & { readonly picture: number },
): readonly number[] => {
  const { addresses, rowBytes } = at(planes[scale], picture)
  if (scale > 0) return addresses.map((address) => address + row * rowBytes)
  const { width } = at(sizes, 0)
  const [red = 0, green = 0, blue = 0] = addresses
  kernel.toLinear(at(sources, picture) + row * width * 3, width, red, green, blue)
  if (isP3) kernel.fromP3(width, red, green, blue)
  return addresses
}

const halve = (
  kernel: Kernel,
  { sizes, planes }: Arena,
  { scale, row, picture, lines }: Row & { readonly picture: number; readonly lines: readonly number[] },
): void => {
  if (scale + 1 === planes.length) return
  const { width, height } = at(sizes, scale)
  const { addresses, rowBytes } = at(planes[scale + 1], picture)
  const isSecond = row % 2 === 1
  for (const [plane, address] of addresses.entries()) {
    const to = address + (row >> 1) * rowBytes
    kernel.halveRow(at(lines, plane), width, to, isSecond)
    // An odd last row counts twice.
    if (row === height - 1 && !isSecond) kernel.halveRow(at(lines, plane), width, to, true)
  }
}

const sumRow = (
  kernel: Kernel,
  arena: Arena,
  { scale, row, channel }: Row & { readonly channel: number },
): void => {
  const { sizes, rows, rowBytes, nothing, sums } = arena
  const { width, height } = at(sizes, scale)
  const { samples, filtered, states } = at(rows, channel)
  const rowOf = (place: number): number =>
    place < 0 || place >= height ? nothing : at(filtered, place % KEPT_ROWS)
  const [above, below] = [rowOf(row - ROWS_ABOVE), rowOf(row + ROWS_BELOW)]
  const turn = row % 2 === 0 ? 0 : 1
  const [last, before] = [at(states, turn), at(states, 1 - turn)]
  if (row < 0) {
    kernel.stepColumns(width, rowBytes, above, below, last, before)
    return
  }
  const a = referenceRow(arena, { scale, row, channel })
  const b = at(samples, row % KEPT_ROWS)
  kernel.sumRow(a, b, width, rowBytes, above, below, last, before, sums + channel * SUMS_BYTES)
}

const at = <T>(values: readonly T[] | undefined, index: number): T => {
  const value = values?.[index]
  if (value === undefined) throw new Error(`nothing at ${index}`)
  return value
}
