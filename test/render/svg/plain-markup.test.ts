import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Visitor } from '../../../src/render/svg/markup.ts'
import { walkPlainMarkup } from '../../../src/render/svg/plain-markup.ts'
import { walkMarkup } from '../../../src/render/svg/walk.ts'
import { words } from '../../support/words.ts'

/** What a walk tells, with texts joined; texts outside of the root are told to nobody who would use them. */
const listen = () => {
  const heard: string[] = []
  let [depth, text] = [0, '']
  const hear = (what: string): void => {
    if (text !== '') heard.push(`text ${text}`)
    text = ''
    heard.push(what)
  }
  const visitor: Visitor = {
    open: (name, attributes) => {
      depth++
      hear(`open ${name} ${JSON.stringify(attributes)}`)
    },
    close: () => {
      depth--
      hear('close')
    },
    text: (more) => {
      if (depth > 0) text += more
    },
    instruction: (name) => hear(`instruction ${name}`),
  }
  return { visitor, heard }
}

const readPlain = (markup: string): readonly string[] | undefined => {
  const { visitor, heard } = listen()
  return walkPlainMarkup(markup, visitor) ? heard : undefined
}

/** By the parser of all XML: an empty comment is left to it. */
const readAll = (markup: string): readonly string[] => read(`<!---->${markup}`)

const read = (markup: string): readonly string[] =>
  walkMarkup(markup, () => {
    const { visitor, heard } = listen()
    return { ...visitor, heard }
  }).heard

const DRAWING = `<?xml version="1.0" encoding="UTF-8"?>
<!-- Created with Inkscape -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink='http://www.w3.org/1999/xlink'
   width = "48">
  <style><![CDATA[.a > b { fill: red }]]></style>
  <path d="M 0,0
    L 1,1 z" id="a &amp; &quot;b&quot;" />
  <text x="1">5 &lt; 6<tspan>é</tspan> </text >
</svg>
`

describe('plain markup', () => {
  it('is read without the parser of all XML, as that reads it', () => {
    expect(readPlain(DRAWING)).toEqual(readAll(DRAWING))
    expect(readPlain(DRAWING)).toContain(
      'open path [{"name":"d","value":"M 0,0\\n    L 1,1 z"},{"name":"id","value":"a & \\"b\\""}]',
    )
  })

  it.each([
    ['another entity', '<svg>&#38;</svg>'],
    ['an entity of its own', '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'],
    ['an attribute twice', '<svg a="1" a="2"/>'],
    ['a name that is not ASCII', '<svg><é/></svg>'],
    ['a second root', '<svg/><svg/>'],
    ['text outside', '<svg/>text'],
    ['no end', '<svg>'],
    ['ends crossed', '<svg><a><b></a></b></svg>'],
    ['two hyphens in a comment', '<svg><!-- a -- b --></svg>'],
    ['an empty comment before a section of text', '<svg><!----><![CDATA[a]]></svg>'],
    ['two hyphens in a comment before the type', '<!-- -- --><!DOCTYPE svg><svg/>'],
    ['a comment that ends in three', '<svg><!-- a ---></svg>'],
    ['a document type inside', '<svg><!DOCTYPE svg></svg>'],
    ['a value without quotes', '<svg a=1/>'],
    ['attributes without a space', '<svg a="1"b="2"/>'],
    ['a space before a name', '< svg/>'],
    ['an instruction with a question mark', '<?a b?c?><svg/>'],
    ['65 attributes', `<svg${Array.from({ length: 65 }, (_, at) => ` a${at}="1"`).join('')}/>`],
    ['nothing', ''],
  ])('with %s is left to it', (_, markup) => {
    expect(readPlain(markup)).toBeUndefined()
  })

  it('that ends in what is not plain is told once', () => {
    const markup = '<svg><g a="1">text</g><?b?>&#38;</svg>'
    expect(read(markup)).toEqual(readAll(markup))
    expect(read(markup)).toHaveLength(7)
  })

  it('of any pieces is read as that parser reads it, or left to it', () => {
    const pieces = [
      ...['<svg', '<g', '<a:b.c', '<', '>', '/>', ' / >', '</g>', '</svg>', '</a:b.c >', '</', '<g>', '<g/>'],
      ...[
        ' a="1"',
        " b = '2 &lt; \"'",
        ' a:b="<>"',
        ' c="&amp;&#38;"',
        ' d',
        '="',
        '=',
        '"',
        "'",
        ' ',
        '\n',
        '\u00a0',
      ],
      ...words('text &amp; &apos;&gt; & ; &lt &AMP; ]]> é - -- ! ? \u2028 \0'),
      ...[
        '<!-- c -->',
        '<!---->',
        '<!--',
        '-->',
        '<![CDATA[',
        '<![CDATA[ <x> ]]>',
        '<![CDATA[]]>',
        '<!DOCTYPE svg>',
      ],
      ...[
        '<?xml version="1.0"?>',
        ...words('<?a?b?> <??> <? ?> <!DOCTYPE'),
        '<!doctype svg>',
        '<!x>',
        '\ufeff',
      ],
    ]
    const some = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''))
    const markup = fc.oneof(
      some,
      fc.tuple(some, some).map(([head, body]) => `${head.slice(0, 20)}<svg>${body}</svg>`),
      fc.tuple(some, some).map(([tag, body]) => `<svg><g${tag}>${body}</g></svg>`),
    )
    let plain = 0
    fc.assert(
      fc.property(markup, (text) => {
        const read = readPlain(text)
        if (read === undefined) return
        plain++
        expect(read).toEqual(readAll(text))
      }),
      { numRuns: 20_000 },
    )
    expect(plain).toBeGreaterThan(200)
  })
})
