import type { Survey } from './survey.ts'

type ConfigChoice = Pick<Survey, 'source' | 'output' | 'state' | 'baseUrl' | 'exclude'>

/** The text of `imgsizes.config.ts` as `init` writes it: important things first, each line with its reason. */
export const formatConfigFile = ({ source, output, state, baseUrl, exclude }: ConfigChoice): string => `\
import { defineConfig } from 'imgsizes'

export default defineConfig({
  // Where the originals are: a folder, s3://bucket/prefix or https://host/path/.
  source: ${quote(toPlace(source))},

  // Where the results go: a folder or s3://bucket/prefix. Any static host can serve it.
  output: ${quote(toPlace(output))},

  // The record of what was made, for the next build: it belongs neither to the site nor into git.
  ${state === undefined ? "// state: './.imgsizes'," : `state: ${quote(toPlace(state))},`}

  // What the URLs of results begin with: a path of your site, or https://img.example.com/.
  baseUrl: ${quote(baseUrl)},

  // Signs the URLs, so that nobody can request sizes you do not offer. Kept in .env.
  secret: process.env.IMGSIZES_SECRET,

  // Best first: a browser takes the first format it supports. 'original' is jpg for a jpg, png for a png.
  formats: ['avif', 'webp', 'original'],

  // 1..100: how good results look, the same for every format.
  quality: 80,

  // What \`imgsizes build\` makes of every picture. A new size is one line here and one more build.
  sizes: {
    // In the text of a page, as wide as the screen allows: the browser takes the width that fits.
    content: { widths: [320, 640, 960, 1280, 1920] },

    // In a list: cropped to the most interesting part, and twice as dense for sharp screens.
    card: { width: 400, height: 300, fit: 'cover', position: 'attention', densities: [1, 2] },

    // Only for some pictures:
    // avatar: { width: 96, height: 96, match: 'avatars/**' },
  },

  // Pictures to leave alone: neither built nor served.
  ${exclude === undefined ? "// exclude: ['drafts/**']," : `exclude: [${exclude.map(quote).join(', ')}],`}

  // true puts a version of the original into each URL, which caches may then keep for ever.
  // versions: true,
})
`

/** The same as `imgsizes.config.json`, without comments; the schema tells editors which options there are. */
export const formatJsonConfig = ({ source, output, state, baseUrl, exclude }: ConfigChoice): string =>
  `${JSON.stringify(
    {
      $schema: './node_modules/imgsizes/dist/config.schema.json',
      source: toPlace(source),
      output: toPlace(output),
      ...(state !== undefined && { state: toPlace(state) }),
      baseUrl,
      formats: ['avif', 'webp', 'original'],
      quality: 80,
      sizes: {
        content: { widths: [320, 640, 960, 1280, 1920] },
        card: { width: 400, height: 300, fit: 'cover', position: 'attention', densities: [1, 2] },
      },
      exclude,
    },
    undefined,
    2,
  )}\n`

/** A folder is written with "./", so that it is not taken for a package or a scheme. */
const toPlace = (text: string): string =>
  text === '.'
    ? './'
    : /^(?:[a-z][a-z0-9+.-]+:\/\/|\.{1,2}\/|[/~]|[a-z]:[\\/])/i.test(text)
      ? text
      : `./${text}`

const quote = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
