import { expect, it } from 'vitest'
import { findAvifMeaning } from '../../src/render/decodable.ts'
import { box, FILE_TYPE } from '../support/torture/avif.ts'

/** Display P3: primaries, transfer, matrix. */
const CODES = Buffer.from([0, 12, 0, 13, 0, 6, 0x80])
const colours = box('colr', Buffer.from('nclx'), CODES)
const meta = box('meta', Buffer.alloc(4), box('iprp', box('ipco', colours)))
const pixels = Buffer.alloc(40)
const [short, long, last] = [Buffer.alloc(8), Buffer.alloc(16), Buffer.alloc(8)].map((head, i) => {
  head.writeUInt32BE([48, 1, 0][i] ?? 0)
  head.write('mdat', 4, 'latin1')
  if (head.length === 16) head.writeBigUInt64BE(56n, 8)
  return Buffer.concat([head, pixels])
})

it.each([
  ['before its pixels', [meta, short]],
  ['after them', [short, meta]],
  ['after pixels of a long size', [long, meta]],
  ['before pixels to the end of the file', [meta, last]],
])('an AVIF may say what its colours mean %s', (_, boxes) => {
  const bytes = Buffer.concat([FILE_TYPE, ...boxes.flatMap((each) => each ?? [])])
  expect(findAvifMeaning(bytes)).toBeDefined()
})

it('among its pixels, nothing says so', () => {
  expect(
    findAvifMeaning(Buffer.concat([FILE_TYPE, box('mdat', colours), box('meta', Buffer.alloc(4))])),
  ).toBeUndefined()
})
