import { describe, expect, it } from 'vitest'
import { BT_709 } from '../../src/render/coded-colours.ts'
import { D50, makeGreyProfile, makeRgbProfile } from '../../src/render/icc-profile.ts'
import {
  isObeyedInkProfile,
  isObeyedProfile,
  readProfileCodes,
  readRgbProfile,
  toRgbProfile,
} from '../../src/render/read-icc-profile.ts'

const PLAIN = makeRgbProfile(BT_709, { kind: 'power', exponent: 2 })

/** A profile that `change` has altered. */
const changed = (change: (file: Buffer) => unknown, from = PLAIN): Buffer => {
  const file = Buffer.from(from)
  change(file)
  return file
}

/** A curve tag: its type, a number of two bytes at 8 or of four, and what follows. */
const para = (type: number, ...numbers: readonly number[]): Buffer => {
  const tag = Buffer.alloc(12 + numbers.length * 4)
  tag.write('para', 'latin1')
  tag.writeUInt16BE(type, 8)
  for (const [i, number] of numbers.entries()) tag.writeInt32BE(Math.round(number * 65_536), 12 + i * 4)
  return tag
}
const curv = (...samples: readonly number[]): Buffer => {
  const tag = Buffer.alloc(12 + samples.length * 2)
  tag.write('curv', 'latin1')
  tag.writeUInt32BE(samples.length, 8)
  for (const [i, sample] of samples.entries()) tag.writeUInt16BE(sample, 12 + i * 2)
  return tag
}
const lightsBy = (bytes: Buffer) => readRgbProfile(makeRgbProfile(BT_709, { kind: 'tag', bytes }))?.lights[1]

describe('the light of a number', () => {
  const share = 51 / 255
  it.each<readonly [string, Buffer, number]>([
    ['a straight line', curv(), share],
    ['a power', curv(512), share ** 2],
    ['samples', curv(0, 6_553, 65_535), (0.4 * 6_553) / 65_535],
    ['a parametric power', para(0, 3), share ** 3],
    ['a power of a line', para(1, 2, 0.9, 0.1), (0.9 * share + 0.1) ** 2],
    ['nothing, and then a power of a line', para(1, 2, 1.5, -0.5), 0],
    ['a power of a line above a floor', para(2, 2, 0.9, 0, 0.1), (0.9 * share) ** 2 + 0.1],
    ['a floor, and then that', para(2, 2, 1.5, -0.5, 0.05), 0.05],
    ['a line, and then a power', para(3, 2, 1, 0, 0.5, 0.3), 0.5 * share],
    ['a power behind a line', para(3, 2, 1, 0, 0.5, 0.1), share ** 2],
    ['a power of nothing', para(3, 2.4, 1.5, -0.5, 0.5, 0.1), 0],
    ['a line above a floor, and then a power', para(4, 2, 1, 0, 0.5, 0.3, 0.02, 0.01), 0.5 * share + 0.01],
    ['a power above a floor', para(4, 2, 1, 0, 0.5, 0.1, 0.02, 0.01), share ** 2 + 0.02],
  ])('may be by %s', (_, tag, light) => {
    expect(lightsBy(tag)?.[51]).toBeCloseTo(light, 4)
  })

  it.each<readonly [string, Buffer]>([
    ['samples that are cut off', curv(0, 9, 65_535).subarray(0, 16)],
    ['a parametric curve that is cut off', para(1, 2, 1, 0).subarray(0, 20)],
    ['an unknown type', para(5, 1)],
    ['an unknown tag', Buffer.concat([Buffer.from('parx'), para(0, 2).subarray(4)])],
    ['a power that is a mistake', para(0, 0.09)],
    ['another', para(0, 10.1)],
    ['a dark white', para(2, 2, 0.9, 0, 0)],
    ['half a tag', para(0, 2).subarray(0, 10)],
  ])('is never by %s', (_, tag) => {
    expect(lightsBy(tag)).toBeUndefined()
  })
})

describe('a profile', () => {
  it('is read as it was made, for each colour by its own curve', () => {
    const { lights, colorants } = readRgbProfile(PLAIN) ?? {}
    expect(lights?.map((light) => light[128])).toEqual(
      [0, 1, 2].map(() => expect.closeTo((128 / 255) ** 2, 4)),
    )
    expect(colorants?.map(([r, g, b]) => r + g + b)).toEqual(D50.map((value) => expect.closeTo(value, 3)))
    expect(colorants?.[1]).toEqual([0.2225, 0.7169, 0.0606].map((value) => expect.closeTo(value, 3)))
    expect([PLAIN, PLAIN.subarray(0, 131), Buffer.of()].map(isObeyedProfile)).toEqual([true, false, false])
    expect(lightsBy(curv(0, 65_535))?.[255]).toBe(1)
  })

  it.each<readonly [string, (file: Buffer) => unknown]>([
    ['has no signature', (file) => file.write('x', 36)],
    ['is of a later version', (file) => file.writeUInt8(5, 8)],
    ['says that it is longer than it is', (file) => file.writeUInt32BE(file.length + 1, 0)],
    ['has too many tags', (file) => file.writeUInt32BE(101, 128)],
    ['has more tags than bytes', (file) => file.writeUInt32BE(100, 128)],
    ['has tags beyond its end', (file) => file.writeUInt32BE(file.length, 128 + 8)],
    ['has tags of less than a type', (file) => file.writeUInt32BE(3, 128 + 12)],
    ['has another white', (file) => file.writeInt32BE(Math.round(0.9504 * 65_536), 68)],
    ['leads to a space that nobody knows', (file) => file.write('Luv ', 20)],
  ])('is not obeyed that %s', (_, change) => {
    expect(isObeyedProfile(changed(change))).toBe(false)
    expect(readRgbProfile(changed(change))).toBeUndefined()
  })

  it.each<readonly [string, (file: Buffer) => unknown]>([
    ['with tables', (file) => file.write('A2B0', file.indexOf('wtpt'))],
    ['of greys', (file) => file.write('GRAY', 16)],
    ['by way of Lab', (file) => file.write('Lab ', 20)],
    ['without a primary', (file) => file.write('x', file.indexOf('gXYZ'))],
    ['without a curve', (file) => file.write('x', file.indexOf('bTRC'))],
    [
      'whose colours are no white together',
      (file) => file.writeInt32BE(65_536, file.indexOf('XYZ \0', 200) + 8),
    ],
    ['with a primary that is cut off', (file) => file.writeUInt32BE(12, file.indexOf('rXYZ') + 8)],
    [
      'of impossible light',
      (file) => {
        const red = file.indexOf('XYZ \0', 200) + 12
        for (const [at, more] of [
          [red, 2],
          [red + 20, -2],
        ] as const)
          file.writeInt32BE(file.readInt32BE(at) + more * 65_536, at)
      },
    ],
  ])('is obeyed, and no matrix, %s', (_, change) => {
    expect(isObeyedProfile(changed(change))).toBe(true)
    expect(readRgbProfile(changed(change))).toBeUndefined()
  })

  it('of greys is that of colours with the same curve', () => {
    const bytes = para(0, 2)
    expect(toRgbProfile(makeGreyProfile({ kind: 'tag', bytes }))).toEqual(
      makeRgbProfile(BT_709, { kind: 'tag', bytes }),
    )
    expect(toRgbProfile(PLAIN)).toBe(PLAIN)
  })

  it('of four inks is known, and what codes another says', () => {
    const inks = changed((file) => file.write('CMYK', 16))
    expect([PLAIN, inks, inks.subarray(0, -1)].map(isObeyedInkProfile)).toEqual([false, true, false])
    const coded = changed((file) => file.write('cicp', file.indexOf('wtpt')))
    const at = coded.indexOf('XYZ \0\0\0\0\0\0\xf6', 'latin1')
    coded.set([9, 16], at + 8)
    expect([readProfileCodes(coded), readProfileCodes(PLAIN)]).toEqual([[9, 16], undefined])
  })
})
