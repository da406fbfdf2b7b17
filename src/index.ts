export type { Config } from './config/config.ts'
export type { ConfigInput } from './config/config-input.ts'
export { defineConfig } from './config/define.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export { Problem } from './core/problem.ts'
export type { Focus } from './core/transform.ts'
export { type CreateImagesOptions, createImages, type PageConfig } from './page/config-catalogue.ts'
export type { ImageFacts } from './page/facts.ts'
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
export type { ImportedPicture } from './page/imported-picture.ts'
export type { KnownImages, SizeName, SizeOrTransform, SourceName } from './page/known.ts'
export type { Picture, PictureImg, PictureOptions, PictureSource } from './page/picture-data.ts'
