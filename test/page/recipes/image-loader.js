'use client'
import { createImages } from 'imgsizes/browser'
import file from './images.json'

const images = createImages(file)

// next/image asks for a width of deviceSizes, and gets the result of that width.
export default ({ src, width }) => images.url(src, 'content', { minWidth: width, format: 'webp' })
