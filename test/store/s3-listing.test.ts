import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type ListedPage, readListing, UnreadableListing } from '../../src/store/s3-listing.ts'

const FOLDER = join(import.meta.dirname, 'listings')

async function* inPieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const places = [0, ...cuts, bytes.length]
  for (const [i, end] of places.slice(1).entries()) yield bytes.subarray(places[i], end)
}

const read = (text: string | Uint8Array, cuts?: readonly number[]) =>
  readListing(inPieces(typeof text === 'string' ? Buffer.from(text) : text, cuts))

const pageOf = async (text: string | Uint8Array): Promise<ListedPage> => {
  const page = await read(text)
  if ('code' in page) throw new Error('it is a refusal')
  return page
}

const faultOf = async (text: string): Promise<UnreadableListing> => {
  const error = await read(text).catch((reason: unknown) => reason)
  if (error instanceof UnreadableListing) return error
  throw new Error(`${text} was read`)
}

const toListing = (inside: string): string =>
  `<?xml version="1.0"?><ListBucketResult>${inside}</ListBucketResult>`
const ONE = '<Contents><Key>k</Key><Size>1</Size></Contents>'

/** As each server wrote a page of the same keys, asked for by `encoding-type=url`; versitygw passes over that. */
describe('a listing as it comes', async () => {
  const names = (await readdir(FOLDER)).sort()
  const bytesOf = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(FOLDER, name))] as const)),
  )

  test.each(names)('from %s is read', async (name) => {
    const page = await pageOf(bytesOf.get(name) ?? Buffer.of())
    expect(page.isTruncated).toBe(true)
    expect(page.token).toBeTruthy()
    expect(page.objects.map(({ key }) => key)).toEqual([
      ' lead and trail ',
      'a&b<c>"d\'.jpg',
      'astral \u{10000}.jpg',
    ])
    for (const { sizeBytes, etag, modifiedAt } of page.objects) {
      expect([sizeBytes, etag]).toEqual([5, '"5d41402abc4b2a76b9719d911017c592"'])
      expect(new Date(modifiedAt).toISOString()).toMatch(/^2026-11-28T12:2[35]:/)
    }
  })

  test.each(names)(
    'from %s is the same however it is cut, in the middle of a character too',
    async (name) => {
      const bytes = bytesOf.get(name) ?? Buffer.of()
      const whole = await pageOf(bytes)
      const cut = fc.nat({ max: bytes.length })
      await fc.assert(
        fc.asyncProperty(fc.array(cut, { maxLength: 30 }), async (cuts) => {
          expect(
            await read(
              bytes,
              cuts.sort((a, b) => a - b),
            ),
          ).toEqual(whole)
        }),
        { numRuns: 40 },
      )
      const everywhere = Array.from({ length: bytes.length }, (_, i) => i)
      expect(await read(bytes, everywhere)).toEqual(whole)
    },
  )

  test.each(names)('from %s that is cut off is never taken for a shorter one', async (name) => {
    const bytes = bytesOf.get(name) ?? Buffer.of()
    const text = bytes.toString().trimEnd()
    for (let end = 0; end < text.length; end += 7)
      expect((await faultOf(text.slice(0, end))).isBroken, text.slice(0, end).slice(-40)).toBe(true)
    expect((await faultOf(text.slice(0, -1))).isBroken).toBe(true)
  })
})

describe('a listing', () => {
  it('says whether there is more in either way, and what its keys are', async () => {
    const page = await pageOf(
      toListing(
        '<IsTruncated> false </IsTruncated><!-- --><Contents>\n <Key><![CDATA[a&b]]>&#99;</Key>\n <Size> 0 </Size><ETag>\n"e"\n</ETag><Owner><ID>o</ID><Key>no</Key></Owner></Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>',
      ),
    )
    expect(page).toEqual({
      isTruncated: false,
      token: undefined,
      objects: [{ key: 'a&bc', text: 'a&bc', sizeBytes: 0, modifiedAt: 0, etag: '"e"' }],
    })
  })

  it('tells a key whose bytes are no UTF-8 from the others', async () => {
    const url = '<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>'
    const keys = ['a%20b', 'c+d', '%FF.jpg', '%C3%BC', '100%']
    const objects = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('')
    const page = await pageOf(toListing(url + objects))
    expect(page.objects.map(({ key }) => key)).toEqual(['a b', 'c d', undefined, 'ü', undefined])
    expect(page.objects[2]?.text).toBe('%FF.jpg')
  })

  it('keeps a token to the byte', async () => {
    const { token } = await pageOf(
      toListing(
        '<IsTruncated>true</IsTruncated><NextContinuationToken> a\n\r&amp;+ </NextContinuationToken>',
      ),
    )
    expect(token).toBe(' a\n\r&+ ')
  })

  it.each([
    ONE,
    '<IsTruncated>perhaps</IsTruncated>',
    '<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>',
    '<IsTruncated>false</IsTruncated><Contents><Key>k</Key></Contents>',
    '<IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size></Size></Contents>',
    '<IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>-1</Size></Contents>',
    '<IsTruncated>false</IsTruncated><Contents><Key>&nope;</Key><Size>1</Size></Contents>',
  ])('that lacks what counts is a broken one: %s', async (inside) => {
    expect((await faultOf(toListing(inside))).isBroken).toBe(true)
  })

  it.each(['<!doctype html><title>Welcome</title>', '<html><body/></html>', '{"hello": 1}', 'hello'])(
    'is not what a website says: %s',
    async (text) => {
      expect((await faultOf(text)).isBroken).toBe(false)
    },
  )

  it('may be an error that comes with status 200', async () => {
    const text = '<?xml version="1.0"?>\n<Error><Code>SlowDown</Code><Message>a &amp; b</Message></Error>'
    expect(await read(text)).toEqual({ code: 'SlowDown', message: 'a & b' })
  })
})
