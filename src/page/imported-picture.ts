import type { PictureImg, PictureSource } from './picture-data.ts'

/**
 * What `import cat from './cat.jpg?imgsizes=card'` gives with the Vite plugin: a `<picture>` as data, with its `alt` where
 * an override says it.
 */
export interface ImportedPicture {
  readonly sources: readonly PictureSource[]
  readonly img: Omit<PictureImg, 'alt' | 'loading' | 'decoding'> & { readonly alt?: string }
  /** A blurred preview as a data URL, once the picture was built. */
  readonly placeholder?: string
}
