import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type FormatChoice,
  originalFormatOf,
  RASTER_FORMATS,
  type RasterFormat,
  VECTOR_POLICY,
} from '../../src/core/format.ts'
import { type AcceptRules, toAcceptRules } from '../../src/edge/accept-rules.ts'
import { formatEdgeScript } from '../../src/edge/edge-script.ts'
import { createCommonHeaders } from '../../src/http/common-headers.ts'
import { negotiateFormat } from '../../src/url/accept.ts'
import { encodePath } from '../../src/url/path.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { words } from '../support/words.ts'
import { SITE } from './support.ts'

/** One rule for `.auto`, wherever it is resolved: `url/accept.ts`. */

const types = words('image/avif image/webp image/jpeg image/png image/gif IMAGE/WebP image/* */*')
const element = fc.tuple(
  fc.constantFrom(...types, 'text/html', 'image/svg+xml', 'nonsense', 'image/avifx', ''),
  fc.constantFrom(
    '',
    ';q=0',
    ';q=0.5',
    '; q=0.75',
    ';q =0.25',
    ...words(';Q=0.25 ;q=1.000 ;q=0.1234 ;q=2 ;q=abc ;a="x,image/webp" ;a="x\\",image/webp,"'),
  ),
)
const accepts = fc
  .array(element, { maxLength: 5 })
  .chain((elements) =>
    fc.constantFrom(',', ', ', ' ,\t').map((comma) => elements.map((each) => each.join('')).join(comma)),
  )
/** Without weights, as browsers send it: what these rules decide. */
const plainAccepts = fc.shuffledSubarray(types).map((some) => some.join(', '))
const choices = fc.uniqueArray(fc.constantFrom<FormatChoice>(...RASTER_FORMATS, 'original'), { minLength: 1 })
const sources = fc.constantFrom(...words('a.jpg b/c.PNG x.y/d.svg e.gif f.webp g.avif h i.tiff'), 'é j.+png')

/** The format that the rules choose for an `Accept` field; undefined where they leave it to `serve`. */
const applyAcceptRules = (
  { undecided, rules, fallbacks }: AcceptRules,
  accept: string,
  source: string,
): RasterFormat | undefined => {
  if (new RegExp(undecided, 'i').test(accept)) return undefined
  const original = originalFormatOf(source)
  const rule = rules.find(
    (each) => (each.original ?? original) === original && new RegExp(each.pattern, 'i').test(accept),
  )
  return rule?.format ?? fallbacks.get(original)
}

it('a list of formats may begin and end with nothing', () => {
  expect(negotiateFormat(',image/webp,', ['webp', 'avif'], 'a.jpg')).toBe('webp')
})

describe('the rules for servers without arithmetic', () => {
  it('choose what serve would, or leave it to serve', () => {
    let decided = 0
    fc.assert(
      fc.property(choices, fc.oneof(accepts, plainAccepts), sources, (formats, accept, source) => {
        const chosen = applyAcceptRules(toAcceptRules(formats), accept, source)
        if (chosen === undefined) return
        decided++
        expect(chosen).toBe(negotiateFormat(accept, formats, source))
      }),
      { numRuns: 1000 },
    )
    expect(decided).toBeGreaterThan(500)
  })

  it('decide what browsers send', () => {
    const rules = toAcceptRules(['avif', 'webp', 'original'])
    for (const [accept, format] of [
      ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
      ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'avif'],
      [
        'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
        'avif',
      ],
      ['image/webp,*/*', 'webp'],
      ['*/*', 'jpg'],
      ['', 'jpg'],
    ] as const)
      expect([accept, applyAcceptRules(rules, accept, 'a.jpg')]).toEqual([accept, format])
  })

  it('tell the original by its ending in a path', () => {
    const { originals } = toAcceptRules(['original'])
    const originalOf = (path: string) =>
      [...originals].find(([, pattern]) => new RegExp(pattern, 'i').test(path))?.[0]
    expect(originalOf('/img/a.PNG/40w.q80.AAAAAAAAAAAAAAAA.auto')).toBe('png')
    expect(originalOf('/img/a.png/b.jpg/40w.q80.AAAAAAAAAAAAAAAA.auto')).toBeUndefined()
  })
})

describe('the script for CDNs', () => {
  const run = (formats: readonly FormatChoice[], path: string, accept: string) => {
    const context = createContext({ path, accept })
    runInContext(`${formatEdgeScript({ ...SITE, formats })}\nresult = resolvePath(path, accept)`, context)
    return context.result as { key: string; isNegotiated: boolean } | undefined
  }

  it('chooses what serve would, weights included', () => {
    fc.assert(
      fc.property(choices, accepts, sources, (formats, accept, source) => {
        const stem = `${encodePath(source)}/40w.q80.AAAAAAAAAAAAAAAA`
        const format = negotiateFormat(accept, formats, source)
        expect(run(formats, `/img/${stem}.auto`, accept)).toEqual({
          key: `${stem}.${format}`,
          isNegotiated: true,
        })
      }),
      { numRuns: 500 },
    )
  })

  it.each([[[]], ['*'], [['https://a.example', 'https://b.example']]] as const)(
    'says who may read an answer as serve does: %s',
    (cors) => {
      for (const timingAllowOrigin of [[], '*', ['https://a.example', 'https://b.example']] as const)
        for (const origin of ['https://b.example', 'https://c.example', undefined]) {
          const context = createContext({ origin })
          const script = formatEdgeScript({ ...SITE, cors, timingAllowOrigin })
          runInContext(
            `${script}\nresults = ['a.svg', 'a.svg/1.webp'].map((key) => commonHeaders(key, origin))`,
            context,
          )
          const { 'content-security-policy': _, ...headers } = createCommonHeaders({
            cors,
            timingAllowOrigin,
          })({
            headers: new Headers(origin === undefined ? {} : { origin }),
          })
          expect(context.results).toEqual([{ ...headers, 'content-security-policy': VECTOR_POLICY }, headers])
        }
    },
  )

  it('takes a drawing for one that all browsers show, at its own size', () => {
    const end = 'AAAAAAAAAAAAAAAA.auto'
    const keyOf = (path: string) => run(['avif', 'original'], `/img/${path}.${end}`, 'image/avif')?.key
    expect(keyOf('a.SVG/full.q80')).toBe('a.SVG/full.q80.AAAAAAAAAAAAAAAA.svg')
    expect(keyOf('a%2Esvgz/full.q80.v-0123456789')).toMatch(/\.svg$/)
    expect(keyOf('a.svg/40w.q80')).toMatch(/\.avif$/)
    expect(keyOf('a.svg/full.blur-150.q80')).toMatch(/\.avif$/)
    expect(keyOf('a.png/full.q80')).toMatch(/\.avif$/)
  })

  it('reads the ending of an original behind its last dot, however dots are written and how many there are', async () => {
    const keyOf = (name: string) => run(['original'], `/img/${name}/40w.q80.AAAAAAAAAAAAAAAA.auto`, '')?.key
    expect(keyOf('a.b%2Epng')).toMatch(/\.png$/)
    expect(keyOf('a%2Eb.p%6Eg')).toMatch(/\.png$/)
    await expectCpuWithin(1, () => keyOf(`a${'%2e'.repeat(50_000)}_`))
  })

  it.each(
    words(`
    /img/.imgsizes/ledger/x.webp /img/%2Eimgsizes/x.webp /img/a%2Fb.jpg/40w.q80.AAAAAAAAAAAAAAAA.webp
    /img/a/../.imgsizes/x.webp /img//a.webp /img/a.txt /img/ /other/a.webp /img/a%00.webp /img/a%5Cb.webp
    /img/a/%2e%2E/b.webp /img/./a.webp /img/a/.%2e/b.webp /img/a/
  `),
  )('denies %s', (path) => {
    expect(run(['webp'], path, '')).toBeUndefined()
  })

  it('leaves a key as it is spelled', () => {
    const key = `${encodePath('.../a+b c?d#é.jpg')}/40w.q80.AAAAAAAAAAAAAAAA.webp`
    expect(run(['webp'], `/img/${key}`, '')).toEqual({ key, isNegotiated: false })
  })
})
