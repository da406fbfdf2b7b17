import sharp from 'sharp'

/** Small pictures with an author, and no more than that of each kind. */
const EXIF = { IFD0: { Copyright: 'Jürgen 2024', Artist: 'Ada', Software: 'x' } }

const make = (format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif'): Promise<Buffer> =>
  sharp({ create: { width: 9, height: 7, channels: 4, background: '#abc8' } })
    .withExif(EXIF)
    .toFormat(format)
    .toBuffer()

export const PICTURES = await Promise.all((['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const).map(make))
export const [
  JPEG = Buffer.of(),
  PNG = Buffer.of(),
  ,
  GIF = Buffer.of(),
  TIFF = Buffer.of(),
  AVIF = Buffer.of(),
] = PICTURES
export const { exif = Buffer.of() } = await sharp(PICTURES[0]).metadata()

const chunk = (name: string, text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, Buffer.from(name + text, 'latin1'), Buffer.alloc(4)])
}
export const TEXTS = Buffer.concat([
  PNG.subarray(0, 33),
  chunk('zTXt', 'Comment\0\0abc'),
  chunk('iTXt', 'XML:com.adobe.xmp\0\x01\0\0\0abc'),
  PNG.subarray(33),
])

export const SVG = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 7" width="9mm" height="50%" style="font-size: 3px">
<style>@import url(x.css); .a > b:nth-child(2) { fill: url(#g) red; /* c */ font-family: "a\\62 c" } @media (x) { a { b: c } }</style>
<defs><linearGradient id="g"><stop offset="0"/></linearGradient><filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs>
<image xlink:href="data:image/png;base64,${PNG.toString('base64')}" width="1"/><use href="#g" filter="url('#f')"/>
<a href="javascript:alert(1)" onclick="x()"><text transform="rotate(9)">&c;&#x41;&amp;<![CDATA[<x>]]></text></a>
<animate attributeName="href" values="#a;#b" begin="0s"/><script>1</script><foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>
<image href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"/>
</svg>`
