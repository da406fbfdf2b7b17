import { describe, expect, it } from 'vitest'
import { decodePage } from '../../../src/app/site/page-text.ts'
import { expectCpuWithin } from '../../support/cpu.ts'

/** Texts of encodings, with a byte of ASCII's "\\", "|" or a quote within a letter where there are such. */
const TEXTS = [
  ['Shift_JIS', '表/ソ構.jpg', '955c2f835c8d5c2e6a7067'],
  ['EUC-JP', '表/ソ構.jpg', 'c9bd2fa5bdb9bd2e6a7067'],
  ['ISO-2022-JP', 'あ写/表.jpg', '1b244224223c4c1b28422f1b2442493d1b28422e6a7067'],
  ['GBK', '照片/聯功.jpg', 'd5d5c6ac2fc293b9a62e6a7067'],
  ['gb18030', '照片/𠀀.jpg', 'd5d5c6ac2f953282362e6a7067'],
  ['Big5', '照片/功許.jpg', 'b7d3a4f92fa55cb35c2e6a7067'],
  ['EUC-KR', '사진/개.jpg', 'bbe7c1f82fb0b32e6a7067'],
  ['windows-1251', 'фото/кот.jpg', 'f4eef2ee2feaeef22e6a7067'],
  ['windows-1250', 'zdjęcia/kot.jpg', '7a646aea6369612f6b6f742e6a7067'],
  ['iso-8859-1', 'l’été/œuf.jpg', '6c92e974e92f9c75662e6a7067'],
] as const

describe('a page in an older encoding', () => {
  it.each(TEXTS)('says its names in %s, and keeps all other bytes: %s', (label, name, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const [before, after] = [`<meta charset=${label}><!-- <meta charset=utf-8> --><img alt="`, '" src=x>']
    // A byte that begins a letter, and none follows.
    const broken = label === 'ISO-2022-JP' ? Buffer.alloc(0) : Buffer.from([0x87])
    const page = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after), bytes, broken])
    const { text, encode, isAscii } = decodePage(page)
    expect(text.startsWith(`${before}${name}${after}${name}`)).toBe(true)
    expect(isAscii).toBe(true)
    expect(Buffer.from(encode([]))).toEqual(page)
    const [src, tag] = [text.indexOf('src=x'), text.indexOf('<img')]
    const edited = encode([
      { start: src, end: src + 5, text: 'src=y srcset=z' },
      { start: tag, end: tag, text: '<picture>' },
      { start: text.length, end: text.length, text: '</picture>' },
    ])
    expect(Buffer.from(edited).toString('latin1')).toBe(
      page.toString('latin1').replace('<img alt', '<picture><img alt').replace('src=x', 'src=y srcset=z') +
        '</picture>',
    )
  })

  it('keeps a byte without its letter at the end behind an edit there', () => {
    const page = Buffer.from('<meta charset=Shift_JIS>\x95\x5c<b>\x87', 'latin1')
    const { text, encode } = decodePage(page)
    const at = text.length - 1
    expect(Buffer.from(encode([{ start: at, end: at, text: '<i>' }])).toString('latin1')).toBe(
      '<meta charset=Shift_JIS>\x95\x5c<b><i>\x87',
    )
  })

  it('of megabytes is read soon, in a small multiple of its size', async () => {
    const page = Buffer.concat([Buffer.from('<meta charset=windows-1251>'), Buffer.alloc(4_000_000, 0xcf)])
    await expectCpuWithin(1, () => expect(decodePage(page).text).toHaveLength(page.length))
  })

  it('is told by XML and CSS as well; a page that is UTF-8 says nothing else', () => {
    for (const said of ['<?xml version="1.0" encoding="Shift_JIS"?>', '@charset "shift_jis";'])
      expect(decodePage(Buffer.from(`${said}\x95\x5c`, 'latin1')).text).toBe(`${said}表`)
    expect(decodePage(Buffer.from('<meta charset=Shift_JIS>表')).text).toContain('表')
    expect(decodePage(Buffer.from('<meta charset=klingon>\xe9\x92', 'latin1')).text).toContain('é’')
  })
})
