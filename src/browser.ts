export { Problem } from './core/problem.ts'
export type { Focus } from './core/transform.ts'
export type { ImageFacts } from './page/catalogue.ts'
export type { OpenGraphImage, Preload } from './page/head.ts'
export type {
  CssImageSetOptions,
  Images,
  OpenGraphOptions,
  PreloadOptions,
  SizesByMedia,
  SrcSetOptions,
  UrlOptions,
} from './page/images.ts'
export type { ImagesFile } from './page/images-json.ts'
export { type CreateImagesOptions, createImages } from './page/json-catalogue.ts'
export type { KnownImages, SizeName, SizeOrTransform, SourceName } from './page/known.ts'
export type { Picture, PictureImg, PictureOptions, PictureSource } from './page/picture-data.ts'
