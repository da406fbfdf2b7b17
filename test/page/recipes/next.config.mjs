const widths = [320, 640, 960] // those of the size `content`

export default {
  images: { loader: 'custom', loaderFile: './image-loader.js', deviceSizes: widths, imageSizes: [] },
}
