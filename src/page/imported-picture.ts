import type { PictureImg, PictureSource } from './picture-data.ts'

/** What `import cat from './cat.jpg?imgsizes=card'` gives with the Vite plugin: a `<picture>` as data, without its `alt`. */
export interface ImportedPicture {
  readonly sources: readonly PictureSource[]
  readonly img: Omit<PictureImg, 'alt' | 'loading' | 'decoding'>
  /** A blurred preview as a data URL, once the picture was built. */
  readonly placeholder?: string
}
