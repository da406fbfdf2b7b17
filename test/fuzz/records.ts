import { gunzipSync, gzipSync } from 'node:zlib'
import { parseSourceLines } from '../../src/cli/sources-from.ts'
import { createImages } from '../../src/page/json-catalogue.ts'
import { confirm } from '../../src/plan/confirm.ts'
import { createIsForced, formatForced, parseForced } from '../../src/plan/forced.ts'
import { emptyEntry, type LedgerEntry, mergeEntries } from '../../src/plan/ledger-entry.ts'
import { decodeEntries, decodeHeader, encodePart } from '../../src/plan/ledger-part.ts'
import { listOrphans } from '../../src/plan/orphan.ts'
import { formatPlanEnd, formatPlanHeader, formatWork, parsePlan } from '../../src/plan/plan-file.ts'
import { formatBounds, parseBounds } from '../../src/plan/shares.ts'
import { readListing, UnreadableListing } from '../../src/store/s3-listing.ts'
import { parseImagesFile } from '../../src/wire/site/images-files.ts'
import { words } from '../support/words.ts'
import { expectLaw, inChunks, type Target, textTarget } from './target.ts'
import { JSON_WORDS } from './words.ts'

const ENTRY: LedgerEntry = {
  ...emptyEntry('photos/a.jpg'),
  results: [
    {
      transform: '640w.q80',
      format: 'webp',
      fingerprint: 'f'.repeat(64),
      recipe: 'r',
      encoder: 'e',
      headers: 'h',
      maker: 'build',
      etag: '9b2cf535f277',
      sizeBytes: 1234,
    },
    {
      transform: '640w.q80',
      format: 'avif',
      fingerprint: 'f'.repeat(64),
      recipe: 'r',
      encoder: 'e',
      headers: 'h',
      maker: 'serve',
      etag: 'a"b:c',
      sizeBytes: 99,
      mark: 'm',
    },
  ] as LedgerEntry['results'],
}
const { bytes: PART } = await encodePart([ENTRY], { replaces: ['a', 'b'], since: [1, 2] })
const { bytes: MANIFEST } = await encodePart([], {
  replaces: ['a'],
  since: [1],
  runs: [[{ name: 'b', first: 'a.jpg', last: 'c.jpg', headerBytes: 99, hasAliases: true }]],
})
const LINES = gunzipSync(PART).toString()
const MORE =
  '["photos/b.jpg",{"s":[{"fingerprint":"x","sizeBytes":1,"mark":"m"}],"f":[{"fingerprint":"x","code":"not-an-image","attempt":"a","message":"m"}],"o":[{"name":"640w.q80.x.webp","at":1,"kind":"seen"}],"i":[[9,7,"jpeg","","",""]],"a":[["n","640w.q80","webp",null,5,1]]}]\n'

const readPart = async (bytes: Uint8Array): Promise<void> => {
  for (const isWhole of [false, true]) {
    const header = decodeHeader('part', bytes, isWhole)
    for (const name of header?.replaces ?? []) name.startsWith('x')
    for (const time of header?.since ?? []) time.toFixed()
    for (const { first, sizeBytes } of header?.index?.members ?? []) first.startsWith(sizeBytes.toFixed())
    for (const { name, first, last, headerBytes } of header?.runs?.flat() ?? [])
      (name + first + last).startsWith(headerBytes.toFixed())
  }
  let merged = emptyEntry('x')
  for await (const entry of decodeEntries('part', inChunks(bytes))) {
    // What a plan does with an entry.
    merged = mergeEntries(merged, entry)
    listOrphans(merged.orphans)
    for (const { code, message } of entry.failures) code.startsWith(message)
    for (const { mark, fingerprint } of entry.sightings) mark.startsWith(fingerprint)
    for (const { width, height, mediaFormat } of entry.facts)
      mediaFormat.startsWith((width * height).toFixed())
    for (const record of entry.results) {
      record.recipe.startsWith(record.fingerprint)
      confirm(
        { ...LISTED, variant: record, transformText: record.transform } as never,
        entry.results,
        'content',
      )
    }
  }
  await encodePart([merged], { replaces: [] })
}

const LISTED = { sizeBytes: 99, mark: 'm' }

const PLAN = [
  formatPlanHeader({ again: '--force', id: 'x', only: 'a/**' }),
  formatWork({ source: 'a/b.jpg' as never, cost: 12 }),
  formatWork({ source: 'c.jpg' as never, cost: 1 }),
  formatPlanEnd(2),
].join('\n')

const IMAGES = {
  imgsizes: 'images',
  version: 1,
  baseUrl: 'https://img.example/',
  versions: false,
  formats: ['avif', 'webp', 'original'],
  sizes: {
    content: {
      transforms: ['320w.q80', '640w.q80'],
      parsed: [
        { resize: { kind: 'width', width: 320 }, quality: 80 },
        { resize: { kind: 'width', width: 640 }, quality: 80 },
      ],
      sizes: '100vw',
    },
    card: {
      transforms: ['9x7.cover.q80'],
      parsed: [{ resize: { kind: 'cover', width: 9, height: 7 }, quality: 80 }],
      densities: [2],
    },
  },
  images: {
    'a b.jpg': [
      800,
      600,
      'jpeg',
      '',
      '1QcSHQRnh493V4dIh4eXh1h4kJUI',
      'aa8866',
      '10-20',
      `${'A'.repeat(16)}~${'B'.repeat(16)}`,
    ],
    'l.svg': [9, 7, 'svg*', '0123456789', '', '', '', '~~~'],
  },
}

const LISTING = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<Contents><Key>a%20b+c.jpg</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified><ETag>&quot;9b2c&quot;</ETag><Size>5</Size><Owner><ID a="b>c">x</ID></Owner></Contents>
<Contents><Key><![CDATA[<d>]]>&#x1F600;</Key><Size>0</Size></Contents><!-- c --><NextContinuationToken>t</NextContinuationToken></ListBucketResult>`
const REFUSAL = '<Error><Code>SlowDown</Code><Message>Please &amp; thanks</Message></Error>'

export const RECORD_TARGETS: readonly Target[] = [
  {
    name: 'parts of the ledger as they lie there',
    seeds: [PART, MANIFEST, Buffer.concat([PART, gzipSync(MORE)])],
    read: readPart,
  },
  {
    name: 'parts of the ledger by their lines',
    seeds: [LINES, LINES + MORE, gunzipSync(MANIFEST).toString()],
    words: [
      ...JSON_WORDS,
      ...words('["=",0,[ "r":[[0,"f","9b2cf535f2774d2"]] "s": "f": "o": "i": "a": =a%3A:5'),
      ' ',
      '\n',
    ],
    read: (bytes) => readPart(gzipSync(bytes)),
  },
  textTarget({
    name: 'stored plans',
    seeds: [PLAN],
    words: [...JSON_WORDS, '["a.jpg",5]', '{"sources":2}', '\n'],
    read: async (text) => {
      const lines = async function* () {
        yield* text.split('\n')
      }
      let last = ''
      for await (const { source, cost } of parsePlan(lines(), () => {})) {
        expectLaw(source !== last && cost > 0, 'each source comes once, with a cost')
        last = source
      }
    },
  }),
  textTarget({
    name: 'where shares begin',
    seeds: [formatBounds(['a.jpg', 'b.jpg'])],
    words: [...JSON_WORDS, '"bounds":', '"a.jpg"'],
    read: (text) => {
      const bounds = parseBounds('s', text)
      expectLaw(parseBounds('s', formatBounds(bounds)).length === bounds.length, 'they are written as read')
    },
  }),
  textTarget({
    name: 'forced builds',
    seeds: [
      formatForced([
        { since: 12, only: 'a/**' },
        { size: 'card', format: 'webp', id: 'x' },
      ]),
    ],
    words: [...JSON_WORDS, '"builds":', '"since":', '"format":"original"'],
    read: (text) => {
      const isForced = createIsForced(
        parseForced('f', { text, modifiedAt: 7 }),
        (glob) => (source) => source === glob,
      )
      isForced('a.jpg' as never, { sizes: ['card'], format: 'webp' } as never, 5)
    },
  }),
  textTarget({
    name: 'images.json',
    seeds: [JSON.stringify(IMAGES)],
    words: [...JSON_WORDS, '"images"', '"parsed":', '"kind":"cover"', '"svg*"', '~'],
    isAnswer: (error) => error instanceof SyntaxError,
    read: (text) => {
      const images = createImages(parseImagesFile(text, 'images.json'))
      for (const source of ['a b.jpg', 'l.svg', 'none.jpg'])
        for (const use of [
          () => images.url(source, 'content', { format: 'webp' }),
          () => images.srcset(source, 'card', { format: 'avif' }),
          () => images.picture(source, 'content', { alt: 'a', placeholder: 'thumbhash' }),
          () => images.facts(source),
        ])
          try {
            use()
          } catch (error) {
            if (!(error instanceof Error && error.name === 'Problem')) throw error
          }
    },
  }),
  {
    name: 'S3 listings',
    seeds: [LISTING, REFUSAL],
    words: [
      ...words(`
        <Contents> </Contents> <Key> </Key> <Size> <![CDATA[ ]]> <!-- --> <!DOCTYPE <? &lt; &#x &#0; ; "
        ' />
      `),
      '<a b="',
      'xmlns:a="',
    ],
    isAnswer: (error) => error instanceof UnreadableListing,
    read: async (bytes) => {
      const whole = await readListing(inChunks(bytes, 1e9)).catch((error: unknown) => error)
      const pieces = await readListing(inChunks(bytes, Math.max(7, bytes.length / 1_000))).catch(
        (error: unknown) => error,
      )
      if (whole instanceof Error) throw whole
      expectLaw(JSON.stringify(whole) === JSON.stringify(pieces), 'pieces make no difference')
    },
  },
  {
    name: 'lists of sources',
    seeds: ['a.jpg\r\n./b/c.jpg\n"\\303\\251t\\303\\251.jpg"\n\n\xff.jpg', '\ufeffa.jpg'],
    words: ['./', '"', '\\', '\\303', '\\n', '\r\n', '/', '..'],
    read: (bytes) => {
      const { keys } = parseSourceLines(bytes)
      expectLaw(new Set(keys).size === keys.length, 'each comes once')
    },
  },
]
