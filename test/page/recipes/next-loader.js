import { createImages } from 'imgsizes/browser'
import file from './images.json'

const images = createImages(file)

// next/image asks for any width: it gets the least configured one that is at least that wide.
export default ({ src, width }) => images.url(src, 'content', { minWidth: width, format: 'webp' })
