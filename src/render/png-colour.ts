import { deflateSync } from 'node:zlib'
import {
  type Chromaticity,
  type Curve,
  makeGreyProfile,
  makeRgbProfile,
  type Primaries,
} from './icc-profile.ts'
import { listHeadChunks, type PngChunk, toChunk } from './png-chunks.ts'

/**
 * The same PNG with a profile in place of what else it says of its colours (`cICP`, `gAMA`, `cHRM`), which libvips
 * passes over and browsers obey; undefined where that is sRGB, or a profile is there. Not covered: PQ and HLG, which
 * browsers show each in its own way, and greys of 16 bits, whose profiles sharp passes over.
 */
export const profilePng = (bytes: Uint8Array): Uint8Array | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks = new Map(listHeadChunks(view).map((chunk) => [chunk.name, chunk]))
  const header = chunks.get('IHDR')
  const meaning = header && findMeaning(chunks)
  if (header === undefined || meaning === undefined) return undefined
  const isGrey = ((header.body[9] ?? 0) & 2) === 0
  const profile = isGrey ? makeGreyProfile(meaning.curve) : makeRgbProfile(meaning.primaries, meaning.curve)
  const named = Buffer.concat([Buffer.from('colours\0\0', 'latin1'), deflateSync(profile)])
  const rest = listHeadChunks(view).filter(({ name }) => name !== 'IHDR' && !COLOURS.has(name))
  const pixelsFrom = listHeadChunks(view).reduce((end, chunk) => Math.max(end, chunk.end), 8)
  return Buffer.concat([
    view.subarray(0, header.end),
    toChunk('iCCP', named),
    ...rest.map(({ start, end }) => view.subarray(start, end)),
    view.subarray(pixelsFrom),
  ])
}

interface Meaning {
  readonly primaries: Primaries
  readonly curve: Curve
}

const COLOURS: ReadonlySet<string> = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'])

/** In the order of precedence that the PNG specification (third edition) gives. */
const findMeaning = (chunks: ReadonlyMap<string, PngChunk>): Meaning | undefined => {
  const codes = chunks.get('cICP')?.body
  if (codes !== undefined) return findCoded(codes)
  if (chunks.has('iCCP') || chunks.has('sRGB')) return undefined
  const gamma = readNumbers(chunks.get('gAMA'), 1)?.[0]
  // Without gamma, browsers take no primaries either. Beyond a tenth and ten it is a mistake.
  if (gamma === undefined || gamma < 0.1 || gamma > 10) return undefined
  const primaries = readPrimaries(chunks.get('cHRM'))
  // Alone, a gamma near sRGB's is taken for sRGB; with primaries (ImageMagick writes both) for the power that it is.
  if (primaries === undefined && Math.abs(gamma - 0.45455) < 0.005) return undefined
  return { primaries: primaries ?? BT_709, curve: { kind: 'power', exponent: 1 / gamma } }
}

/** ITU-T H.273: primaries 1, 9 and 12 with the curves that are sRGB's or meant to be shown by it. */
const findCoded = ([primaries = 0, transfer = 0, matrix, isFull]: Buffer): Meaning | undefined => {
  const found = CODED[primaries]
  const curve = CURVES[transfer]
  return found === undefined || curve === undefined || matrix !== 0 || isFull !== 1
    ? undefined
    : { primaries: found, curve }
}

const D65: Chromaticity = [0.3127, 0.329]
const BT_709: Primaries = { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] }
const CODED: Readonly<Record<number, Primaries>> = {
  9: { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] },
  12: { white: D65, red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
}
const CURVES: Readonly<Record<number, Curve>> = { 8: { kind: 'power', exponent: 1 }, 13: { kind: 'srgb' } }

const readPrimaries = (chunk: PngChunk | undefined): Primaries | undefined => {
  const [wx, wy, rx, ry, gx, gy, bx, by] = readNumbers(chunk, 8) ?? []
  if (wx === undefined || wy === undefined || rx === undefined || ry === undefined) return undefined
  if (gx === undefined || gy === undefined || bx === undefined || by === undefined) return undefined
  // A triangle with white in it, more or less: others give no profile.
  const area = (gx - rx) * (by - ry) - (bx - rx) * (gy - ry)
  if (Math.min(wy, ry, gy, by) < 0.01 || Math.abs(area) < 0.01) return undefined
  return { white: [wx, wy], red: [rx, ry], green: [gx, gy], blue: [bx, by] }
}

const readNumbers = (chunk: PngChunk | undefined, count: number): readonly number[] | undefined =>
  chunk === undefined || chunk.body.length < count * 4
    ? undefined
    : Array.from({ length: count }, (_, i) => chunk.body.readUInt32BE(i * 4) / 100_000)
