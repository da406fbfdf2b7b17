import { createImages } from 'imgsizes/browser'
import file from './images.json'

const images = createImages(file)

export const Picture = ({ source, size, ...options }) => {
  const { sources, img } = images.sources(source, size, options)
  return (
    <picture>
      {sources.map((each) => (
        <source key={each.type + each.media} {...each} />
      ))}
      <img {...img} alt={options.alt} />
    </picture>
  )
}
