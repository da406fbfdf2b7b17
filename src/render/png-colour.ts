import { deflateSync } from 'node:zlib'
import { BT_709, BT_1886, findCodedMeaning, type Meaning } from './coded-colours.ts'
import { makeGreyProfile, makeRgbProfile, type Primaries } from './icc-profile.ts'
import { listHeadChunks, mapHeadChunks, type PngChunk, toChunk } from './png-chunks.ts'

/**
 * The same PNG with a profile instead of its other colour information (`cICP`, `gAMA`, `cHRM`), which libvips ignores
 * but browsers use; undefined for sRGB, and where it has a profile.
 */
export const profilePng = (bytes: Uint8Array): Buffer | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const meaning = findMeaning(mapHeadChunks(view))
  return meaning && withMeaning(view, meaning)
}

/** A PNG with a profile of this meaning instead of its own colour information. */
export const withMeaning = (png: Buffer, { primaries, curve }: Meaning): Buffer =>
  withProfile(png, isGrey(png) ? makeGreyProfile(curve) : makeRgbProfile(primaries, curve))

const isGrey = (png: Buffer): boolean => ((png[COLOUR_TYPE_AT] ?? 0) & 2) === 0
const COLOUR_TYPE_AT = 25

/** Whether a PNG is grey of 16 bits: its profile is ignored by sharp. */
export const isDeepGreyPng = (png: Buffer): boolean => png[COLOUR_TYPE_AT - 1] === 16 && isGrey(png)

/** A PNG with this profile instead of its own colour information. */
export const withProfile = (png: Buffer, profile: Uint8Array): Buffer => {
  const [header, ...rest] = listHeadChunks(png)
  if (header === undefined) throw new Error('a PNG without a header')
  const named = Buffer.concat([Buffer.from('colours\0\0', 'latin1'), deflateSync(profile)])
  return Buffer.concat([
    png.subarray(0, header.end),
    toChunk('iCCP', named),
    ...rest.filter(({ name }) => !COLOURS.has(name)).map(({ start, end }) => png.subarray(start, end)),
    png.subarray(rest.at(-1)?.end ?? header.end),
  ])
}

const COLOURS: ReadonlySet<string> = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'])

/** The codes of sRGB, and what they mean. */
const SRGB_CODES = '1,13'
const SRGB: Meaning = { primaries: BT_709, curve: { kind: 'srgb' } }

/** In the order of precedence of the PNG specification (third edition). */
const findMeaning = (chunks: ReadonlyMap<string, PngChunk>): Meaning | undefined => {
  const coded = chunks.get('cICP')
  if (coded !== undefined) {
    const codes = readPngCodes(coded.body)
    const meaning = codes && findCodedMeaning(...codes, BT_1886)
    return meaning ?? (chunks.has('iCCP') && codes?.join() === SRGB_CODES ? SRGB : undefined)
  }
  if (chunks.has('iCCP') || chunks.has('sRGB')) return undefined
  const gamma = readNumbers(chunks.get('gAMA'), 1)?.[0]
  // Without gamma, browsers ignore the primaries. A gamma below 0.1 or above 10 is a mistake.
  if (gamma === undefined || gamma < 0.1 || gamma > 10) return undefined
  const primaries = readPrimaries(chunks.get('cHRM'))
  // Alone, a gamma near sRGB's means sRGB; with primaries (ImageMagick writes both) it is a plain power.
  if (primaries === undefined && Math.abs(gamma - 0.45455) < 0.005) return undefined
  return { primaries: primaries ?? BT_709, curve: { kind: 'power', exponent: 1 / gamma } }
}

/** The codes of primaries and transfer in a `cICP` (ITU-T H.273), if it is in RGB and at full range, as a PNG must be. */
export const readPngCodes = ([primaries = 0, transfer = 0, matrix, isFull]: Uint8Array):
  | readonly [primaries: number, transfer: number]
  | undefined => (matrix === 0 && isFull === 1 ? [primaries, transfer] : undefined)

const readPrimaries = (chunk: PngChunk | undefined): Primaries | undefined => {
  const [wx, wy, rx, ry, gx, gy, bx, by] = readNumbers(chunk, 8) ?? []
  if (wx === undefined || wy === undefined || rx === undefined || ry === undefined) return undefined
  if (gx === undefined || gy === undefined || bx === undefined || by === undefined) return undefined
  // Others give no profile, as in Chromium: the primaries must form a triangle, and the white be plausible.
  const area = (gx - rx) * (by - ry) - (bx - rx) * (gy - ry)
  const isTriangle =
    Math.min(ry, gy, by) >= 0.01 && Math.max(rx, ry, gx, gy, bx, by) <= 1 && Math.abs(area) >= 0.01
  const isWhite = wx >= 0.2 && wx <= 0.5 && wy >= 0.25 && wy <= 0.5 && wx + wy <= 0.9
  if (!isTriangle || !isWhite) return undefined
  return { white: [wx, wy], red: [rx, ry], green: [gx, gy], blue: [bx, by] }
}

const readNumbers = (chunk: PngChunk | undefined, count: number): readonly number[] | undefined =>
  chunk === undefined || chunk.body.length < count * 4
    ? undefined
    : Array.from({ length: count }, (_, i) => chunk.body.readUInt32BE(i * 4) / 100_000)
