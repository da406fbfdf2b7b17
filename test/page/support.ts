import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'
import { rgbaToThumbHash } from 'thumbhash'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { Override } from '../../src/core/override.ts'
import { Problem } from '../../src/core/problem.ts'
import { parseSourceKey, type SourceKey } from '../../src/core/source-key.ts'
import type { ImageFacts } from '../../src/page/catalogue.ts'
import { createImagesFormat } from '../../src/page/format-images.ts'
import type { ImagesFile } from '../../src/page/images-json.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { thrownBy } from '../support/problems.ts'

export const SECRET = 'correct-horse-battery-staple'

/** A ThumbHash from the examples of its package: landscape, opaque. */
export const THUMBHASH = '1QcSHQRnh493V4dIh4eXh1h4kJUI'
/** One with transparency. */
export const CLEAR_THUMBHASH = Buffer.from(
  rgbaToThumbHash(2, 1, [200, 30, 30, 255, 30, 30, 200, 0]),
).toString('base64')

export const CONFIG: ConfigInput = {
  source: './photos',
  output: './img',
  baseUrl: 'https://img.example.com/',
  secret: SECRET,
  formats: ['avif', 'webp', 'original'],
  sizes: {
    content: { widths: [320, 640, 960] },
    card: { width: 400, height: 300, densities: [1, 2] },
    square: { width: 300, height: 300, formats: ['webp', 'original'] },
    one: { width: 640 },
  },
}

export const toKey = (text: string): SourceKey => {
  const key = parseSourceKey(text)
  if (key === undefined) throw new Error(`no source: ${text}`)
  return key
}

/** images.json as a build would write it, for facts by source, `version` being the fingerprint. */
export const makeImagesJson = (
  facts: Readonly<Record<string, ImageFacts>>,
  changes: Partial<ConfigInput> = {},
  overrides: Readonly<Record<string, Override>> = {},
): ImagesFile => {
  const config = resolveConfig({ ...CONFIG, ...changes }, { root: '/site' })
  const format = createImagesFormat(config, createKeyring(config.secrets))
  const lines = Object.entries(facts).map(([source, { version = '', ...rest }]) =>
    format.lineOf(toKey(source), rest, { fingerprint: version, override: overrides[source] }),
  )
  return JSON.parse(format.start + lines.join(format.between) + format.end)
}

/** An element as a browser reads it. */
export interface Seen {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Seen[]
}

/** The elements of a fragment of HTML. */
export const parse = (html: string): readonly Seen[] => see(parseFragment(html))

const see = ({ childNodes }: DefaultTreeAdapterTypes.ParentNode): readonly Seen[] =>
  childNodes.flatMap((node) => {
    if (!('tagName' in node)) return []
    const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]))
    return [{ tag: node.tagName, attributes, children: see(node) }]
  })

/** The code of the Problem that `work` throws, which has a hint. */
export const codeOf = (work: () => unknown): string => {
  const { code, hint } = thrownBy(Problem, work)
  if (hint === undefined) throw new Error(`${code} has no hint`)
  return code
}
