import sharp from 'sharp'
import type { Format } from '../../src/core/format.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { createKeyring, spellKey } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import { openSite, SECRET, type Site } from './site.ts'

/** Every character that servers on the way decode, encode or cut at their own discretion. */
export const ODD_NAME = 'o dd/a+b%c?d#e&f;g é[h]~*!.jpg'

/** Sources that `build` has made results of; `LATE` came after it. */
export const BUILT = ['plain.jpg', ODD_NAME, 'logo.png']
export const LATE = ['late.jpg', `late ${ODD_NAME}`]

const keyring = createKeyring([{ value: SECRET, isRetired: false }])

/** The path of a signed URL below the mount, escaped. */
export const pathOf = (source: string, ext: Format | 'auto', transformText = '32w.q80'): string => {
  const sourceKey = source as SourceKey
  const signature = keyring.sign(sourceKey, transformText)
  return encodePath(spellKey({ source: sourceKey, transformText, signature, ext }))
}

/** A site whose built results stand in `output`; the late pictures are there, and nothing of them is made. */
export const openEdgeSite = async (
  output: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Site> => {
  const site = openSite({
    source: './in',
    output,
    baseUrl: 'https://img.example.com/pic/',
    sizes: { content: { widths: [16, 32] } },
    serve: { fill: 'one' },
    ...changes,
  })
  const write = async (name: string) => site.write(`in/${name}`, await makePicture(name))
  await Promise.all(BUILT.map(write))
  site.write('in/Logo.SVG', DRAWING)
  const { code, stderr } = await site.run('build', '--quiet')
  if (code !== 0) throw new Error(`not built: ${stderr}`)
  await Promise.all(LATE.map(write))
  site.write('in/late.svg', DRAWING)
  return site
}

/** What a browser shows of the drawings, which are `Logo.SVG`, built, and `late.svg`. */
export const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'

const makePicture = (name: string): Promise<Buffer> => {
  const noise = { type: 'gaussian', mean: 120, sigma: 30 } as const
  const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: '#888', noise } })
  return name.endsWith('.png') ? picture.png().toBuffer() : picture.jpeg().toBuffer()
}

/** What browsers say: Chrome, Safari before AVIF, and one that knows neither. */
export const BROWSERS: readonly (readonly [accept: string, format: Format])[] = [
  ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
  ['image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5', 'webp'],
  ['image/png,image/*;q=0.8,*/*;q=0.5', 'jpg'],
]
