import type { PictureImg, PictureSource } from './picture-data.ts'

/**
 * The value of `import cat from './cat.jpg?imgsizes=card'` with the Vite plugin: a `<picture>` as data, with `alt` if
 * an override sets it.
 */
export interface ImportedPicture {
  readonly sources: readonly PictureSource[]
  readonly img: Omit<PictureImg, 'alt' | 'loading' | 'decoding'> & { readonly alt?: string | undefined }
  /** A blurred preview as a data URL, once the picture was built. */
  readonly placeholder?: string
}
