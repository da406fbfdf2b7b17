import { describe, expect, test } from 'vitest'
import { ConfigProblem } from '../../src/config/config-problem.ts'
import { type ChangeOverride, editOverrides, editSidecar } from '../../src/config/edit-overrides.ts'
import { compileMatch } from '../../src/config/match.ts'
import { parseOverrides, parseSidecar, toOverrideName } from '../../src/config/overrides.ts'
import { overrideOfSize } from '../../src/core/override.ts'
import { toSource } from '../support/parsed.ts'
import { thrownBy } from '../support/problems.ts'
import { words } from '../support/words.ts'

const CONTEXT = { file: 'pictures.json', sizes: ['card', 'content'] }
const parse = (said: unknown) =>
  parseOverrides(typeof said === 'string' ? said : JSON.stringify(said), CONTEXT)

const faultOf = (text: string): string => {
  const { code, message } = thrownBy(ConfigProblem, () => parse(text))
  return `${code} ${message}`
}

describe('a file of overrides', () => {
  test('says what counts for a picture, in the units of keys', () => {
    const overrides = parse({
      'cat.jpg': { focus: [288, 1], quality: 70, background: '#FFaa00', alt: '', exclude: false },
    })
    expect(overrides.of(toSource('cat.jpg'))).toEqual({
      focus: { x: 288, y: 1 },
      quality: 70,
      background: 'ffaa00',
      alt: '',
      exclude: false,
    })
    expect(overrides.of(toSource('dog.jpg'))).toBeUndefined()
  })

  test("also means by a name what has Unicode's other form", () => {
    const [composed, decomposed] = ['é.jpg', 'e\u0301.jpg']
    const overrides = parse({ [decomposed]: { alt: 'E' }, 'ö.jpg': { alt: 'O' } })
    expect(overrides.of(toSource(composed))).toEqual({ alt: 'E' })
    expect(overrides.of(toSource('o\u0308.jpg'))).toEqual({ alt: 'O' })
    const both = parse({ [decomposed]: { alt: 'E' }, [composed]: { alt: 'É' } })
    expect([composed, decomposed].map((name) => both.of(toSource(name))?.alt)).toEqual(['É', 'E'])
    const tally = overrides.openTally()
    tally.of(toSource(composed))
    expect(tally.listUnseen()).toEqual(['ö.jpg'])
  })

  test('has the most exact name first, property by property, whatever the order', () => {
    const overrides = parse({
      'a/cat.jpg': { alt: 'a cat', sizes: { card: { quality: 50 } } },
      'a/**': { quality: 60, alt: 'a', sizes: { card: { focus: [100, 100], quality: 40 } } },
      '**/*.jpg': { quality: 65, background: '#000000' },
      'b/*.JPG': { quality: 99 },
    })
    expect(overrides.of(toSource('a/cat.jpg'))).toEqual({
      alt: 'a cat',
      quality: 60,
      background: '000000',
      sizes: { card: { focus: { x: 100, y: 100 }, quality: 50 } },
    })
    expect(overrides.of(toSource('a/x.png'))).toEqual({
      quality: 60,
      alt: 'a',
      sizes: { card: { focus: { x: 100, y: 100 }, quality: 40 } },
    })
    // Of equal ones the later.
    const equal = parse({ '*.jpg': { quality: 1 }, '**/*.jpg': { quality: 2 }, 'x*': { quality: 3 } })
    expect([equal.of(toSource('a.jpg'))?.quality, equal.of(toSource('x.jpg'))?.quality]).toEqual([2, 3])
    // The dialect of include: endings in any letter case.
    expect(overrides.of(toSource('b/x.jpg'))?.quality).toBe(99)
  })

  test("has a size's own values before the picture's", () => {
    const [cat] = [parse({ 'cat.jpg': { focus: [0, 100], quality: 9, sizes: { card: { quality: 8 } } } })]
    const override = cat?.of(toSource('cat.jpg')) ?? {}
    expect(overrideOfSize(override, 'card')).toEqual({ focus: { x: 0, y: 100 }, quality: 8 })
    expect(overrideOfSize(override, 'content')).toEqual({ focus: { x: 0, y: 100 }, quality: 9 })
    expect(overrideOfSize(override, 'constructor')).toEqual({ focus: { x: 0, y: 100 }, quality: 9 })
  })

  test.each(['a (1).jpg', 'IMG[2].jpg', 'what?.jpg', 'a{b,c}.jpg', 'x*.jpg', '!(x).jpg', '__proto__', '7'])(
    'can name %s, and that alone',
    (name) => {
      const source = toSource(name)
      const overrides = parse(`{${JSON.stringify(toOverrideName(source))}: {"quality": 7}}`)
      expect(overrides.of(source)).toEqual({ quality: 7 })
      for (const other of ['a 1.jpg', 'IMG2.jpg', 'whats.jpg', 'ab.jpg', 'xy.jpg', 'y.jpg'])
        expect(overrides.of(toSource(other))).toBeUndefined()
      expect(parse({ [name]: { quality: 8 } }).of(source)?.quality ?? parse(`{"${name}":{}}`)).toBeDefined()
    },
  )

  test('knows which of its names no source has borne out', () => {
    const overrides = parse({ 'a.jpg': {}, 'gone.jpg': {}, 'x/**': {}, 'y/*': {} })
    const tally = overrides.openTally()
    for (const name of ['a.jpg', 'y/1.jpg', 'b.jpg']) tally.of(toSource(name))
    expect(tally.listUnseen()).toEqual(['gone.jpg', 'x/**'])
    expect(overrides.openTally().listUnseen()).toHaveLength(4)
  })
})

describe('a wrong file of overrides', () => {
  test.each([
    ['{\n  "a.jpg": { "focus": [500, 200] }\n  "b.jpg": {}\n}', 'line 3:3: "\\"b.jpg\\""; allowed: a comma'],
    ['{\n  "a.jpg": {},\n}', 'line 3:1: "}"; allowed: a name in double quotes'],
    ['{ "a.jpg": ', 'line 1:12: the end; allowed: a value'],
    ['[]', 'line 1:1: "["; allowed: an object'],
    ['"x"', 'line 1:1: "\\"x\\""; allowed: an object'],
    ['', 'line 1:1: the end; allowed: a value'],
    ['// why\n{}', 'line 1:1: "// why"; allowed: JSON, which has no comments'],
    ['{"a.jpg": {},\n "a.jpg": {}}', 'line 2:2: "a.jpg": this name; allowed: every name once'],
    ['{\n\n "a.jpg": 3}', 'line 3:2: "a.jpg": 3; allowed: an object such as'],
    [
      '{"a.jpg": {\n "focus": [500, 1001]}}',
      'line 2:2: "a.jpg".focus[1]: 1001; allowed: [x, y], two whole numbers 0..1000',
    ],
    ['{"a.jpg": {\n "focos": [0, 0]}}', 'line 2:2: "a.jpg".focos: unknown option; did you mean focus?'],
    [
      '{"a.jpg": {"sizes": {\n "crad": {}}}}',
      'line 2:2: "a.jpg".sizes.crad: unknown size; did you mean card?',
    ],
    ['{"a.jpg": {"sizes": {"card": {\n "alt": ""}}}}', 'line 2:2: "a.jpg".sizes.card.alt: unknown option'],
    ['{"/a/*.jpg": {}}', 'line 1:2: "/a/*.jpg": this name; allowed: a glob over source keys'],
    ['{"": {}}', 'line 1:2: "": this name; allowed: the name of a source'],
    [`{"a": ${'['.repeat(100_000)}`, 'brackets within brackets'],
  ])('is explained with the place of the fault: %#', (text, message) => {
    const told = faultOf(text)
    expect(told).toContain('overrides-invalid pictures.json has 1 problem:\n')
    expect(told).toContain(message)
  })

  test('is explained whole', () => {
    expect(faultOf('{"a": {"quality": 0}, "b": {"alt": 3}}')).toContain('has 2 problems')
  })

  test('is explained soon, however many entries are wrong', () => {
    const entries = Array.from(
      { length: 20_000 },
      (_, i) => `"folder/picture-${i}.jpg": {\n  "focus": [0.5, 9]\n}`,
    )
    const told = faultOf(`{\n${entries.join(',\n')}\n}`)
    expect(told).toContain('has 20000 problems')
    expect(told.split('\n').at(-1)).toMatch(
      /^ {2}line 60000:3: "folder\/picture-19999\.jpg"\.focus\[0\]: 0\.5;/,
    )
  })
})

describe('a sidecar', () => {
  test('says the same of one picture', () => {
    expect(parseSidecar('{ "focus": [1000, 0], "alt": "x" }', CONTEXT)).toEqual({
      focus: { x: 1000, y: 0 },
      alt: 'x',
    })
  })

  test('is explained with the place of its fault', () => {
    expect(() => parseSidecar('{\n "alt": 3 }', { ...CONTEXT, file: 'cat.jpg.json' })).toThrow(
      'cat.jpg.json has 1 problem:\n  line 2:2: alt: 3; allowed: a text',
    )
  })

  test('that is no object is explained in its own form', () => {
    expect(() => parseSidecar('[1]', CONTEXT)).toThrow('"["; allowed: an object, { "focus": [500, 250] }')
    expect(faultOf('[1]')).toContain('"["; allowed: an object, { "name": { … } }')
  })

  test('and a file tell their faults in the order of lines', () => {
    const said = '{\n"sizes": {"huge": {}},\n"qality": 1,\n"alt": 3\n}'
    const linesOf = (message: string) => [...message.matchAll(/line (\d+)/g)].map(([, line]) => Number(line))
    expect(() => parseSidecar(said, CONTEXT)).toThrow(/line 2.*line 3.*line 4/s)
    expect(linesOf(faultOf(`{"b": ${said},\n"b": 4,\n"": ${said}}`))).toEqual([2, 3, 4, 6, 6, 7, 8, 9, 10])
  })

  test('is changed, and never removed', () => {
    const set: ChangeOverride = (before) => ({ ...before, quality: 7 })
    const text = editSidecar('', set, CONTEXT)
    expect(text).toBe('{\n  "quality": 7\n}\n')
    expect(editSidecar(text, set, CONTEXT)).toBe(text)
    expect(editSidecar(text, () => undefined, CONTEXT)).toBe('{}\n')
  })
})

describe('a change of one override', () => {
  const edit = (text: string, name: string, change: ChangeOverride): string =>
    editOverrides(text, toSource(name), change, CONTEXT)
  const focus: ChangeOverride = (before) => ({ ...before, focus: [250, 500] })
  const FILE = `{
  "**/*.png": { "quality": 90 },
  "b.jpg": {
    "alt": "B",   "quality": 3
  },
  "d.jpg": {}
}
`

  test('touches nothing else, and keeps the order of its fields', () => {
    expect(
      edit(FILE, 'b.jpg', (before) => ({ quality: 4, focus: [0, 1000], ...{ alt: before.alt } })),
    ).toBe(`{
  "**/*.png": { "quality": 90 },
  "b.jpg": {
    "alt": "B",
    "quality": 4,
    "focus": [0, 1000]
  },
  "d.jpg": {}
}
`)
  })

  test.each([
    ['a.jpg', /"\*\*\/\*\.png": \{ "quality": 90 \},\n {2}"a\.jpg": \{\n/],
    ['c.jpg', /\n {2}\},\n {2}"c\.jpg": \{\n {4}"focus": \[250, 500\]\n {2}\},\n {2}"d\.jpg": \{\}\n\}\n$/],
    ['e.jpg', /"d\.jpg": \{\},\n {2}"e\.jpg": \{\n {4}"focus": \[250, 500\]\n {2}\}\n\}\n$/],
  ])('puts a new name at its place: %s', (name, place) => {
    expect(edit(FILE, name, focus)).toMatch(place)
    expect(edit(edit(FILE, name, focus), name, () => undefined)).toBe(FILE)
  })

  test("finds the entry whose name has Unicode's other form", () => {
    const text = edit('{ "é.jpg": { "alt": "E" } }', 'e\u0301.jpg', focus)
    expect(JSON.parse(text)).toEqual({ 'é.jpg': { alt: 'E', focus: [250, 500] } })
  })

  test('makes the file, and leaves an empty object', () => {
    const text = edit('', 'a.jpg', focus)
    expect(text).toBe('{\n  "a.jpg": {\n    "focus": [250, 500]\n  }\n}\n')
    expect(edit(text, 'a.jpg', () => ({ sizes: { card: {} } }))).toBe('{}\n')
    expect(edit('{}', 'a.jpg', () => undefined)).toBe('{}')
  })

  test('keeps the line breaks of Windows', () => {
    expect(edit('{\r\n  "b.jpg": {}\r\n}\r\n', 'a.jpg', focus).replaceAll('\r\n', '')).not.toContain('\n')
  })

  test('refuses what would make the file wrong', () => {
    expect(() => edit(FILE, 'a.jpg', () => ({ quality: 0 }))).toThrow('"a.jpg".quality')
    expect(() => edit('{', 'a.jpg', focus)).toThrow('line 1:2: the end')
  })
})

test('a glob is found however it is written', () => {
  const patterns = words(`
    **/x.jpg a/** * ** a/*b?.{jpg,png} {a,b}/**/c.* A/**/*.JPG **/*-Kind.jpg @(a|b)/* ./a/*
  `)
  const keys = words('x.jpg a a/x.jpg a/ab1.png b/c.jpg a/d/c.gif A/b/c.jpg a-Kind.JPG a/-kind.jpg b/z')
  for (const pattern of patterns) {
    const overrides = parse({ [pattern]: { quality: 5 } })
    const matches = compileMatch([pattern])
    for (const name of keys)
      expect([pattern, name, overrides.of(toSource(name))?.quality === 5]).toEqual([
        pattern,
        name,
        matches(toSource(name)),
      ])
  }
})
