import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createXmlReader, XmlFault } from '../../src/store/xml-reader.ts'
import { thrownBy } from '../support/problems.ts'

/** What a document says, as one text; texts that follow each other are one. */
const read = (pieces: readonly string[]): string => {
  let said = ''
  const reader = createXmlReader({
    open: (name) => {
      said += `(${name} `
    },
    text: (text) => {
      said += text
    },
    close: (name) => {
      said += ` ${name})`
    },
  })
  for (const piece of pieces) reader.write(piece)
  reader.end()
  return said
}

const faultOf = (...pieces: readonly string[]): XmlFault => thrownBy(XmlFault, () => read(pieces))

describe('an XML reader', () => {
  it.each([
    ['<a>x</a>', '(a x a)'],
    ['<?xml version="1.0"?>\n<a><b/><c></c></a>\n', '(a (b  b)(c  c) a)'],
    ['<s3:a xmlns:s3="u"><s3:b>x</s3:b ></s3:a>', '(a (b x b) a)'],
    [`<a b="x>y" c='<"'><d e="/"/>z</a>`, '(a (d  d)z a)'],
    ['<a> x\n</a>', '(a  x\n a)'],
    ['<a><!-- <b> &nope; --><![CDATA[<c>&amp;]] >]]>!</a>', '(a <c>&amp;]] >! a)'],
    ['<a>&lt;&gt;&amp;&quot;&apos;&#34;&#x22;&#x1F408;&#233;&#x10FFFF;</a>', '(a <>&"\'""🐈é\u{10FFFF} a)'],
    ['<a>&amp;lt;</a>', '(a &lt; a)'],
    // Two halves of UTF-16, and what XML forbids: both are seen in keys.
    ['<a>&#55357;&#56328;</a>', '(a 🐈 a)'],
    ['<a>&#x1;\u0001\uffff</a>', '(a \u0001\u0001\uffff a)'],
    ['<!-- before --><a/><!-- after --><?end?>', '(a  a)'],
  ])('reads %j', (document, said) => {
    expect(read([document])).toBe(said)
  })

  it('says the same however the document is cut', () => {
    const document =
      '<?xml version="1.0" encoding="UTF-8"?>\n<n:r xmlns:n="u>v"><!-- <x> --><n:k>a&amp;b&#x1F408;</n:k><e/><![CDATA[<]]]]>\n<k b=\'"\'> x </k></n:r>\n'
    const whole = read([document])
    for (let at = 0; at <= document.length; at++)
      expect(read([document.slice(0, at), document.slice(at)])).toBe(whole)
    expect(read([...document])).toBe(whole)
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: document.length }), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), document.length]
        expect(read(places.slice(1).map((end, i) => document.slice(places[i], end)))).toBe(whole)
      }),
    )
  })

  it('says of every part of a document that it breaks off', () => {
    const document = '<?xml version="1.0"?>\n<!-- x --><a b="c">d<e/>&amp;<![CDATA[f]]></a>'
    for (let end = 0; end < document.length; end++)
      expect(faultOf(document.slice(0, end)).isCutOff, document.slice(0, end)).toBe(true)
  })

  it.each([
    '<a></b>',
    '</a>',
    '<a/><b/>',
    'text',
    '{"a": 1}',
    '<a/>text',
    '<a>&nope;</a>',
    '<a>&amp</a>',
    '<a>& b</a>',
    '<a>&#0;</a>',
    '<a>&#x110000;</a>',
    '<a>&#xD83D;</a>',
    '<a>&#X41;</a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<!doctype html><title>Welcome</title>',
    '< a/>',
    '<></>',
    '</a/>',
  ])('refuses %j', (document) => {
    expect(faultOf(document).isCutOff).toBe(false)
  })

  it('holds no endless text, and takes a long attribute at a time that its length explains', () => {
    expect(() => faultOf(`<a ${'b'.repeat(3_000_000)}`)).not.toThrow()
    const quotes = `<a b="${'>'.repeat(200_000)}" ${'c="d" '.repeat(100_000)}/>`
    expect(read([quotes])).toBe('(a  a)')
  })
})
