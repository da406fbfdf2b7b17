import { contentTypeOf, type Format } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatAttributes } from './format-picture.ts'
import { dropAuto, type Picture } from './picture-data.ts'

/** What a `<link>` says that loads a picture ahead, by the names of its attributes. */
export interface Preload {
  readonly imagesrcset: string
  /** Absent where the browser chooses by density, or not at all. */
  readonly imagesizes?: string
  readonly fetchpriority: 'high' | 'low' | 'auto'
  /** A browser that does not show it loads nothing ahead; absent where every browser does. */
  readonly type?: string
  /** The whole `<link>` as HTML. */
  readonly link: string
}

/** What loads the file ahead that `picture` shows in browsers which know its first format. */
export const toPreload = (
  { sources: [first], img }: Picture,
  fetchpriority: Preload['fetchpriority'] = 'high',
): Preload => {
  const { srcSet: imagesrcset = img.src, sizes } = first ?? img
  const preload = {
    imagesrcset,
    ...(sizes !== undefined && { imagesizes: dropAuto(sizes) }),
    ...(first?.type !== undefined && { type: first.type }),
    fetchpriority,
  }
  return { ...preload, link: `<link${formatAttributes({ rel: 'preload', as: 'image', ...preload })}>` }
}

/** What Open Graph says of a page's picture. */
export interface OpenGraphImage {
  /** Absolute. */
  readonly url: string
  /** Pixels. */
  readonly width: number
  readonly height: number
  readonly type: string
  readonly alt?: string
  /** The `<meta>` tags as HTML. */
  readonly html: string
}

/** The picture at `url`, which is taken to be relative to `site`. Problem `site-unknown`. */
export const toOpenGraph = (
  source: SourceKey,
  picture: { readonly url: string; readonly width: number; readonly height: number; readonly format: Format },
  { site, alt }: { readonly site?: string | undefined; readonly alt?: string | undefined },
): OpenGraphImage => {
  if (!URL.canParse(picture.url, site))
    throw new Problem('site-unknown', `The URL of ${source} says no host: ${picture.url}.`, {
      subject: source,
      hint: "Say site: 'https://www.example.com/', or begin baseUrl with the host.",
    })
  const image = {
    url: new URL(picture.url, site).href,
    width: picture.width,
    height: picture.height,
    type: contentTypeOf(picture.format),
    ...(alt !== undefined && { alt }),
  }
  const html = Object.entries(image)
    .map(([name, content]) => [name === 'url' ? 'og:image' : `og:image:${name}`, content] as const)
    .map(([property, content]) => `<meta${formatAttributes({ property, content })}>`)
    .join('')
  return { ...image, html }
}
