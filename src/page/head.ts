import { contentTypeOf, type Format } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatAttributes } from './format-picture.ts'
import { dropAuto, type Picture } from './picture-data.ts'

/** The attributes of a `<link>` that preloads a picture. */
export interface Preload {
  readonly imagesrcset: string
  /** Undefined where the browser chooses by density, or has no choice. */
  readonly imagesizes?: string
  readonly fetchpriority: 'high' | 'low' | 'auto'
  /** A browser that does not support it preloads nothing; undefined where every browser does. */
  readonly type?: string
  /** The whole `<link>` as HTML. */
  readonly link: string
}

/** Preloads the file that `picture` shows in browsers that support its first format. */
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

/** A page's picture for Open Graph. */
export interface OpenGraphImage {
  /** An absolute URL. */
  readonly url: string
  /** In pixels. */
  readonly width: number
  readonly height: number
  readonly type: string
  readonly alt?: string
  /** The `<meta>` tags as HTML. */
  readonly html: string
}

/** The picture at `url`, which may be relative to `site`. Problem `site-unknown`. */
export const toOpenGraph = (
  source: SourceKey,
  picture: { readonly url: string; readonly width: number; readonly height: number; readonly format: Format },
  { site, alt }: { readonly site?: string | undefined; readonly alt?: string | undefined },
): OpenGraphImage => {
  if (!URL.canParse(picture.url, site))
    throw new Problem('site-unknown', `The URL of ${source} has no host: ${picture.url}.`, {
      subject: source,
      hint: "Give site: 'https://www.example.com/', or let baseUrl begin with the host.",
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
