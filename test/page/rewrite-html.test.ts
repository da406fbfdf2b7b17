import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type PageSource,
  type RewriteInput,
  rewriteSite,
  type SiteFiles,
} from '../../src/app/rewrite-site.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { createImages } from '../../src/index.ts'
import { createSiteSources } from '../../src/page/site-sources.ts'
import { CONFIG, makeImagesJson, parse } from './support.ts'

const FACTS = {
  'cat.jpg': { width: 2725, height: 2225 },
  'a b/ü&1.png': { width: 500, height: 400 },
  'logo.png': { width: 64, height: 64 },
}
const images = createImages(CONFIG, { images: makeImagesJson(FACTS) })

/** Pages by path, rewritten in memory. */
const openSite = (
  pages: Readonly<Record<string, string | Buffer>>,
  published: Readonly<Record<string, number>> = {},
) => {
  const files = new Map(Object.entries(pages).map(([path, text]) => [path, Buffer.from(text)]))
  const writes: string[] = []
  const site: SiteFiles = {
    list: async function* () {
      yield* files.keys()
    },
    read: async (path) => files.get(path) ?? Buffer.alloc(0),
    write: async (path, bytes) => {
      writes.push(path)
      files.set(path, Buffer.from(bytes))
    },
    sizeOf: async (path) => published[path],
  }
  const problems: string[] = []
  const rewrite = (changes: Partial<RewriteInput> = {}) =>
    rewriteSite({
      files: site,
      sources: createSiteSources({
        origins: { 'https://www.example.com/media/': '' },
        folders: [{ path: '/site/public/photos', prefix: '' }],
      }),
      lookUp: async (wanted) => {
        const known = [...Object.keys(FACTS), 'new.jpg'].filter((source) => wanted.has(source as SourceKey))
        return new Map(
          known.map((source): [SourceKey, PageSource] => [
            source as SourceKey,
            {
              sizeBytes: 1000,
              ...(source !== 'new.jpg' && { images }),
              largestBytes: () => 100,
              isMade: (size) => size !== 'square' || source === 'logo.png',
            },
          ]),
        )
      },
      defaultSize: 'content',
      isCheck: false,
      onProblem: (page, { code }) => void problems.push(`${page}: ${code}`),
      ...changes,
    })
  const text = (path = 'index.html') => files.get(path)?.toString('utf8') ?? ''
  return { rewrite, text, files, writes, problems }
}

const rewriteOne = async (html: string, path = 'index.html'): Promise<string> => {
  const { rewrite, text } = openSite({ [path]: html })
  await rewrite()
  return text(path)
}

describe('an <img> of a known source', () => {
  it('becomes the picture; the rest of its tag stays', async () => {
    const html = await rewriteOne(
      '<p>A <img src="/photos/cat.jpg" alt="A &quot;cat&quot;" class="x" id=y> B</p>',
    )
    const { sources, img } = images.sources('cat.jpg', 'content', { alt: '' })
    expect(html).toContain(`<p>A <picture><source type="image/avif" srcset="${sources[0]?.srcSet}"`)
    expect(html).toContain(
      `<img src="${img.src}" srcset="${img.srcSet}" sizes="(max-width: 960px) 100vw, 960px" ` +
        'width="960" height="784" decoding="async" alt="A &quot;cat&quot;" class="x" id=y></picture> B</p>',
    )
    expect(html).not.toContain('loading')
  })

  it.each([
    ['root-relative', '/photos/cat.jpg', 'index.html'],
    ['relative', '../photos/cat.jpg', 'blog/post.html'],
    ['relative with a dot', './photos/cat.jpg', 'index.html'],
    ['absolute', 'https://www.example.com/media/cat.jpg', 'blog/deep/post.html'],
    ['on any scheme', '//www.example.com/media/cat.jpg', 'index.html'],
    ['root-relative under an origin', '/media/cat.jpg', 'index.html'],
    ['with a query', '/photos/cat.jpg?v=3#x', 'index.html'],
    ['escaped', '/photos/%63at.jpg', 'index.html'],
    ['the whole path of the source', '/cat.jpg', 'index.html'],
    ['by more of the path', '/public/photos/cat.jpg', 'index.html'],
  ])('is found %s', async (_, src, page) => {
    expect(await rewriteOne(`<img src="${src}">`, page)).toContain('https://img.example.com/cat.jpg/')
  })

  it('is found with odd characters, entities, blanks, and by a <base>', async () => {
    expect(await rewriteOne('<img src=" /photos/a b/ü&amp;1.png ">')).toContain('/a%20b/%C3%BC%261.png/')
    expect(await rewriteOne('<base href="/photos/"><img src="cat.jpg">', 'x/y.html')).toContain('<picture>')
    expect(await rewriteOne('<base href="https://cdn.example/"><img src="/photos/cat.jpg">')).not.toContain(
      '<picture>',
    )
  })

  it('may say its size, and how wide it is shown', async () => {
    const html = await rewriteOne('<img src=/photos/cat.jpg data-imgsizes=card>')
    expect(html).toMatch(/srcset="[^"]+ 1x, [^"]+ 2x"/)
    expect(html).toContain('width="400" height="300"')
    expect(html).not.toContain('sizes="(')
    const shown = await rewriteOne('<img src="/photos/cat.jpg" width=300>')
    expect(shown.match(/sizes="\(max-width: 300px\) 100vw, 300px"/g)).toHaveLength(3)
    expect(shown).toContain('height="245"')
    const told = await rewriteOne(
      '<img sizes="50vw" src="/photos/cat.jpg" height="100" loading=lazy decoding=sync>',
    )
    expect(told.match(/sizes="50vw"/g)).toHaveLength(3)
    expect(told).toContain('width="122"')
    expect(told).toContain('height="100" loading=lazy decoding=sync>')
    expect(told).not.toContain('async')
  })

  it.each([
    ['it has a srcset', '<img src="/photos/cat.jpg" srcset="a.jpg 2x">'],
    [
      'it stands in a picture',
      '<picture><source srcset="x.webp"><b><img src="/photos/cat.jpg"></b></picture>',
    ],
    ['it says off', '<img data-imgsizes="off" src="/photos/cat.jpg">'],
    ['nobody knows it', '<img src="/photos/dog.jpg"><img src="https://elsewhere.example/cat.jpg">'],
    ['it has no src', '<img alt="x"><img src=""><img src>'],
    ['it is data', '<img src="data:image/png;base64,AAAA"><img src="http://[">'],
    ['it is text', '<!-- <img src="/photos/cat.jpg"> --><script>"<img src=\'/photos/cat.jpg\'>"</script>'],
    ['it was not built', '<img src="/photos/new.jpg">'],
    ['its size is not made of it', '<img src="/photos/cat.jpg" data-imgsizes="square">'],
  ])('stays as it is where %s', async (_, html) => {
    expect(await rewriteOne(html)).toBe(html)
  })

  it('is found in templates, once, and whatever is wrong around it', async () => {
    const inTemplate = await rewriteOne('<template><img src="/photos/cat.jpg"></template>')
    expect(inTemplate.match(/<picture>/g)).toHaveLength(1)
    const misnested = await rewriteOne(
      '<table><b><i><p><img src="/photos/cat.jpg"></b>x</i><tr><td>y</table>',
    )
    expect(misnested.match(/<picture>/g)).toHaveLength(1)
    expect(misnested.startsWith('<table><b><i><p><picture>')).toBe(true)
    expect(misnested.endsWith('</picture></b>x</i><tr><td>y</table>')).toBe(true)
  })
})

describe('a site', () => {
  it('changes nothing when it is rewritten again', async () => {
    const site = openSite({
      'index.html': '<img src="/photos/cat.jpg"><img src=photos/logo.png data-imgsizes=square alt>',
      'b.html': 'no pictures',
    })
    const first = await site.rewrite()
    expect(first).toMatchObject({ pages: 2, changed: 1, rewritten: 2, bytesBefore: 2000, bytesAfter: 200 })
    const after = site.text()
    const second = await site.rewrite()
    expect(second).toMatchObject({ changed: 0, rewritten: 0, left: { responsive: 2 } })
    expect(site.text()).toBe(after)
    expect(site.writes).toEqual(['index.html'])
  })

  it('is only looked at by a check', async () => {
    const site = openSite({ 'index.html': '<img src="/photos/cat.jpg">' })
    expect(await site.rewrite({ isCheck: true })).toMatchObject({ changed: 1 })
    expect(site.writes).toEqual([])
  })

  it('takes a file of the same name for another picture where its size differs', async () => {
    const page = { 'index.html': '<img src="/cat.jpg">' }
    expect(await openSite(page, { 'cat.jpg': 7 }).rewrite()).toMatchObject({
      rewritten: 0,
      left: { different: 1 },
    })
    expect(await openSite(page, { 'cat.jpg': 1000 }).rewrite()).toMatchObject({ rewritten: 1 })
  })

  it('goes on after a size that nobody knows, and says where it was', async () => {
    const site = openSite({
      'index.html': '<img src="/photos/cat.jpg" data-imgsizes=huge><img src="/photos/cat.jpg">',
    })
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, left: { failed: 1 } })
    expect(site.problems).toEqual(['index.html: size-unknown'])
  })

  it('keeps every other byte: line ends, a byte order mark, what is no UTF-8, surrogates, NUL', async () => {
    const tag = Buffer.from('<img src="/photos/cat.jpg">')
    const before = Buffer.from('\ufeff<!doctype html>\r\n<p title="\r\n">\r😀é\u0000 &nbsp;\r\n')
    const after = Buffer.concat([
      Buffer.from('\r\n\r'),
      Buffer.from([0xe9, 0xff, 0x00]),
      Buffer.from('</p>\n\n'),
    ])
    for (const tail of [after, Buffer.from('\r\n\r😀</p>')]) {
      const site = openSite({ 'index.html': Buffer.concat([before, tag, tail]) })
      await site.rewrite()
      const bytes = site.files.get('index.html') ?? Buffer.alloc(0)
      expect(bytes.subarray(0, before.length).equals(before)).toBe(true)
      expect(bytes.subarray(bytes.length - tail.length).equals(tail)).toBe(true)
      const middle = bytes.subarray(before.length, bytes.length - tail.length).toString('utf8')
      expect(middle).toMatch(/^<picture><source .*<\/picture>$/)
    }
  })

  it('comes back when the pictures are taken out again, whatever else is on the page', async () => {
    const piece = fc.constantFrom(
      '<img src="/photos/cat.jpg">',
      "<IMG\r\n SRC='/photos/cat.jpg'alt=x/>",
      '<img src=/photos/logo.png data-imgsizes=card >',
      '<p>',
      '</p>',
      '<table><tr>',
      '</table>',
      '<picture>',
      '</picture>',
      '<a href="',
      '">',
      '<!--',
      '-->',
      '<script>',
      '</script>',
      '<svg>',
      '</svg>',
      '<template>',
      '<noscript>',
      '<select>',
      '<b><i>',
      '</b>',
      '\r\n',
      '\u0000',
      '😀',
      '&amp;',
      '<',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
        const html = pieces.join('')
        const site = openSite({ 'index.html': html })
        await site.rewrite()
        const once = site.text()
        const restored = once
          .replace(/<picture><source type=[^>]*>(?:<source type=[^>]*>)*(<img[^>]*>)<\/picture>/gi, '$1')
          .replace(
            /src="https:\/\/img\.example\.com\/([a-z.]+)\/[^"]*"(?: srcset="[^"]*")?(?: sizes="[^"]*")? width="\d+" height="\d+" decoding="async"/g,
            'src="/photos/$1"',
          )
        const normal = html
          .replaceAll("SRC='/photos/cat.jpg'", 'src="/photos/cat.jpg"')
          .replaceAll('src=/photos/logo.png', 'src="/photos/logo.png"')
        const kept = restored
          .replaceAll("SRC='/photos/cat.jpg'", 'src="/photos/cat.jpg"')
          .replaceAll('src=/photos/logo.png', 'src="/photos/logo.png"')
        expect(kept).toBe(normal)
        await site.rewrite()
        expect(site.text()).toBe(once)
      }),
      { numRuns: 400 },
    )
  })

  it('of hundreds of pages is done in seconds', async () => {
    const text = '<p>Some words of a page, with <a href="/x">links</a> and <em>more</em>.</p>\n'.repeat(200)
    const body = Array.from({ length: 10 }, (_, i) => `${text}<img src="/photos/cat.jpg" alt="${i}">\n`)
      .join('')
      .slice(0, 40_000)
    const pages = Object.fromEntries(
      Array.from({ length: 250 }, (_, i) => [`${i}/index.html`, `<!doctype html>${body}`]),
    )
    const site = openSite(pages)
    const [startedAt, usage] = [performance.now(), process.cpuUsage()]
    const report = await site.rewrite()
    const seconds = (performance.now() - startedAt) / 1000
    const { user, system } = process.cpuUsage(usage)
    const cpuSeconds = (user + system) / 1e6
    expect(report).toMatchObject({ pages: 250, changed: 250 })
    // Of the processor, for a machine may have other things to do.
    expect(cpuSeconds).toBeLessThan(10)
    process.stderr.write(
      `250 pages of ${Math.round(body.length / 1000)} kB: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU\n`,
    )
  }, 120_000)

  it('shows pictures that a browser reads as such', async () => {
    const [picture] = parse(await rewriteOne('<img src="/photos/cat.jpg" alt="x">'))
    expect(picture?.children.map(({ tag }) => tag)).toEqual(['source', 'source', 'img'])
  })
})
