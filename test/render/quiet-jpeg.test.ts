import { expect, it } from 'vitest'
import { quietJpeg } from '../../src/render/quiet-jpeg.ts'
import { afterFirstSegment, changed, jpeg, progressive, scanEnd } from '../files/faults.ts'
import { insertAtStart, toSegment } from '../files/jpeg.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { photo } from './support.ts'

const inks = await photo(40, 30).toColourspace('cmyk').jpeg().toBuffer()
const STRAY = Buffer.of(0, 0xff, 0, 1, 0xff, 0xd0, 2)
const toJfif = (major: number) =>
  toSegment(0xe0, Buffer.from(`JFIF\0${String.fromCharCode(major)}\x01\0\0\0\0\0\0\0`, 'latin1'))
const toAdobe = (transform: number) =>
  toSegment(0xee, Buffer.from(`Adobe\0\x64\0\0\0\0${String.fromCharCode(transform)}`, 'latin1'))
/** Without its last byte. */
const cutSegment = (segment: Buffer) => toSegment(segment.readUInt8(1), segment.subarray(4, -1))
const toScan = (bytes: Buffer, parameters: readonly number[]) =>
  changed(bytes, (copy) => copy.set(parameters, scanEnd(bytes) - 1))
const toTransform = (bytes: Buffer, transform: number) =>
  changed(bytes, (copy) => copy.writeUInt8(transform, copy.indexOf('Adobe') + 11))
const extended = (bytes: Buffer) =>
  changed(bytes, (copy) => copy.writeUInt8(0xc1, copy.indexOf('ffc0', 'hex') + 1))

it.each([
  ['stray bytes', afterFirstSegment(jpeg, STRAY), jpeg],
  ['stray bytes at its start', insertAtStart(jpeg, STRAY), jpeg],
  ['stray bytes of a progressive one', afterFirstSegment(progressive, STRAY), progressive],
  ['more than one mark', afterFirstSegment(jpeg, Buffer.of(0xff, 0xff)), jpeg],
  ['a JFIF revision to come', insertAtStart(jpeg, toJfif(3)), insertAtStart(jpeg, toJfif(1))],
  ['an unknown transform', insertAtStart(jpeg, toAdobe(7)), insertAtStart(jpeg, toAdobe(1))],
  ['one of four inks', toTransform(inks, 7), toTransform(inks, 2)],
  ['parameters of a progressive scan', toScan(jpeg, [1, 5, 0x10]), jpeg],
  ['those of an extended one', extended(toScan(jpeg, [1, 5, 0x10])), extended(jpeg)],
  [
    'several of these',
    insertAtStart(
      afterFirstSegment(toScan(jpeg, [0, 0, 0]), STRAY),
      Buffer.concat([STRAY, toAdobe(9), toJfif(0)]),
    ),
    insertAtStart(jpeg, Buffer.concat([toAdobe(1), toJfif(1)])),
  ],
])('a JPEG is left without %s', (_, bytes, plain) => {
  expect(quietJpeg(bytes)).toEqual(plain)
  expect(quietJpeg(plain)).toBeUndefined()
})

it.each([
  ['all is well', insertAtStart(jpeg, Buffer.concat([toJfif(1), toAdobe(0)]))],
  ['a scan is progressive', progressive],
  ['they are too short', insertAtStart(jpeg, cutSegment(toJfif(3)), cutSegment(toAdobe(7)))],
  ['a second one begins', afterFirstSegment(jpeg, Buffer.of(1, 0xff, 0xd8))],
  ['a segment ends before the byte', Buffer.concat([jpeg.subarray(0, 2), toJfif(3).subarray(0, 9)])],
])('a JPEG stays as it is where %s', (_, bytes) => {
  expect(quietJpeg(bytes)).toBeUndefined()
})

it('a JPEG that is cut off before its first scan is left with what there is', () => {
  expect(quietJpeg(afterFirstSegment(jpeg, STRAY).subarray(0, 100))).toEqual(
    jpeg.subarray(0, 100 - STRAY.length),
  )
})

it.each([
  ['segments', toJfif(3)],
  ['stray bytes between segments', Buffer.concat([toSegment(0xfe, Buffer.of()), STRAY])],
  ['stray marks', Buffer.of(0xff)],
])('a JPEG of many %s takes a time that grows with its length', async (_, part) => {
  const bytes = Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(2_000_000, part), jpeg.subarray(2)])
  await expectCpuWithin(10, async () => void quietJpeg(bytes))
})
