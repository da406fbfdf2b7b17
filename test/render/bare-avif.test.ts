import { expect, it } from 'vitest'
import { bareAvif } from '../../src/render/bare-avif.ts'
import { photo } from './support.ts'

const toAvif = (picture = photo(64, 48)): Promise<Buffer> =>
  picture.avif({ quality: 40, effort: 0 }).toBuffer()
const file = await toAvif()
const withAlpha = await toAvif(photo(64, 48).ensureAlpha(0.5))
const inP3 = await toAvif(photo(64, 48).withIccProfile('p3'))

/** With a box of four bytes more, at the end of the file. */
const closed = (type: string): Buffer => Buffer.concat([Buffer.of(0, 0, 0, 12), Buffer.from(`${type}note`)])

/** The same bytes with others in place of the first that are found. */
const replaced = (bytes: Buffer, was: string, is: string): Buffer => {
  const at = bytes.indexOf(was, 0, 'latin1')
  if (at < 0) throw new Error(`no ${was}`)
  const copy = Buffer.from(bytes)
  copy.write(is, at, 'latin1')
  return copy
}

it('takes an AVIF as it is where all of it draws, with alpha as well, and with the profile that is wanted', () => {
  expect(bareAvif(file, file)).toBe(file)
  expect(bareAvif(withAlpha, withAlpha)).toBe(withAlpha)
  expect(bareAvif(inP3, inP3)).toBe(inP3)
})

it.each([
  ['EXIF', await toAvif(photo(64, 48).withExif({ IFD0: { Copyright: 'Ada' } }))],
  ['a profile that is not wanted', inP3],
  ['another box', Buffer.concat([file, closed('free')])],
  [
    'bytes that no item has',
    (() => {
      const longer = Buffer.concat([file, Buffer.from('note')])
      const mdat = longer.indexOf('mdat') - 4
      longer.writeUInt32BE(longer.readUInt32BE(mdat) + 4, mdat)
      return longer
    })(),
  ],
  ['an unknown property', replaced(file, 'pixi', 'note')],
  ['an item that is no picture', replaced(file, 'av01\0', 'mime\0')],
  ['a name of its own', replaced(file, 'pict\0\0\0\0\0\0\0\0\0\0\0\0\0', `pict${'\0'.repeat(12)}n`)],
  ['an end before its end', file.subarray(0, -5)],
  ['nothing', Buffer.of()],
])('does not take one with %s', (_, avif) => {
  expect(bareAvif(avif, file)).toBeUndefined()
})

it('does not take one without the profile that is wanted, nor one whose light is that of films', () => {
  expect(bareAvif(file, inP3)).toBeUndefined()
  const coded = replaced(inP3, 'colrrICC', 'colrnclx')
  const codeLight = (primaries: number, transfer: number): Buffer => {
    const at = coded.indexOf('colrnclx') + 8
    coded.writeUInt16BE(primaries, at)
    coded.writeUInt16BE(transfer, at + 2)
    return coded
  }
  expect(bareAvif(codeLight(1, 13), file)).toBe(coded)
  const [BT_2020, PQ] = [9, 16]
  expect(bareAvif(codeLight(BT_2020, PQ), file)).toBeUndefined()
})
