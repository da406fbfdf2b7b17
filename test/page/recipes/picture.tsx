import type { ImportedPicture } from 'imgsizes'
import type { ImgHTMLAttributes } from 'react'

interface Props extends ImgHTMLAttributes<HTMLImageElement> {
  /** What an import of the Vite plugin gives, or `images.sources(…)`. */
  picture: ImportedPicture
  alt: string
}

export const Picture = ({ picture: { sources, img }, alt, sizes, ...rest }: Props) => (
  <picture>
    {sources.map((source) => (
      <source key={source.srcSet} {...source} sizes={sizes ?? source.sizes} />
    ))}
    <img loading="lazy" decoding="async" {...img} {...rest} sizes={sizes ?? img.sizes} alt={alt} />
  </picture>
)
