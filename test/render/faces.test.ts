import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Focus } from '../../src/core/transform.ts'
import { findFaces } from '../../src/render/faces.ts'
import { readPictureHeader } from '../../src/render/header.ts'
import { openRenderer } from '../../src/render/renderer.ts'
import { QUICK } from '../support/encoders.ts'

const SIZE = { width: 4000, height: 3000 }

const packet = (regions: string, applied = 'stDim:w="4000" stDim:h="3000" stDim:unit="pixel"'): string =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
  xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions ${applied}/>
<mwg-rs:RegionList><rdf:Bag>${regions}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`

/** As Lightroom and digiKam write it: attributes. */
const asAttributes = (
  x: number,
  y: number,
  w: number,
  h: number,
  type = 'Face',
  unit = 'normalized',
): string =>
  `<rdf:li><rdf:Description mwg-rs:Name="A &amp; B" mwg-rs:Type="${type}">
  <mwg-rs:Area stArea:x="${x}" stArea:y="${y}" stArea:w="${w}" stArea:h="${h}" stArea:unit="${unit}"/>
  <mwg-rs:Extensions><rdf:Bag><rdf:li>something else</rdf:li></rdf:Bag></mwg-rs:Extensions>
  </rdf:Description></rdf:li>`

/** As phones write it: elements. */
const asElements = (x: number, y: number, w: number, h: number): string =>
  `<rdf:li rdf:parseType="Resource"><mwg-rs:Area rdf:parseType="Resource"><stArea:y>${y}</stArea:y><stArea:w>${w}</stArea:w>
  <stArea:x>${x}</stArea:x><stArea:h>${h}</stArea:h><stArea:unit>normalized</stArea:unit></mwg-rs:Area>
  <mwg-rs:Type>Face</mwg-rs:Type></rdf:li>`

const findAll = (xmp: string, orientation = 1, size = SIZE) =>
  findFaces(Buffer.from(xmp), { size, orientation })

const find = (...of: Parameters<typeof findAll>): Focus | undefined => findAll(...of)?.focus

describe('faces that a file marks', () => {
  test.each([
    ['attributes', asAttributes],
    ['elements', asElements],
  ])('are found as %s', (_, write) => {
    expect(find(packet(write(0.25, 0.4, 0.1, 0.2)))).toEqual({ x: 250, y: 400 })
  })

  test('are found where ACDSee marks them', () => {
    const xmp = packet(asAttributes(0.25, 0.4, 0.1, 0.2).replaceAll('mwg-rs:Area', 'mwg-rs:DLYArea'))
      .replace('http://www.metadataworkinggroup.com/schemas/regions/', 'http://ns.acdsee.com/regions/')
      .replace('http://ns.adobe.com/xmp/sType/Area#', 'http://ns.acdsee.com/sType/Area#')
      .replace('http://ns.adobe.com/xap/1.0/sType/Dimensions#', 'http://ns.acdsee.com/sType/Dimensions#')
    expect(findAll(xmp)?.regions).toEqual([{ x: 250, y: 400, width: 100, height: 200, name: 'A & B' }])
    expect(find(xmp, 1, { width: 3000, height: 3000 })).toBeUndefined()
  })

  const whoever = '<e:PersonInImage><rdf:Bag><rdf:li>Somebody</rdf:li></rdf:Bag></e:PersonInImage>'
  const identified = (kind: string): string => `<e:rCtype><rdf:Bag><rdf:li rdf:parseType="Resource">
    <x:Identifier><rdf:Bag><rdf:li>http://cv.iptc.org/newscodes/${kind}</rdf:li><rdf:li>x</rdf:li></rdf:Bag></x:Identifier>
    </rdf:li></rdf:Bag></e:rCtype>`
  test.each([
    ['somebody who has a name', whoever, true],
    ['a human', identified('imageregiontype/human'), true],
    ['an animal', identified('imageregiontype/animal'), false],
    ['the main subject', identified('imageregionrole/mainSubjectArea'), true],
    ['a text', identified('imageregiontype/text'), false],
  ])('may be regions of IPTC: of %s', (_, about, isFound) => {
    const boundary = (parts: Record<string, unknown>): string =>
      `<rdf:li rdf:parseType="Resource"><e:RegionBoundary rdf:parseType="Resource">${Object.entries(parts)
        .map(([name, value]) => `<e:rb${name}>${value}</e:rb${name}>`)
        .join('')}</e:RegionBoundary>${about}</rdf:li>`
    const findIn = (parts: Record<string, unknown>) =>
      findAll(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://ns.adobe.com/xap/1.0/"
        xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><e:ImageRegion><rdf:Bag>${boundary(parts)}
        </rdf:Bag></e:ImageRegion></rdf:RDF>`)?.regions
    const sides = { X: 0.2, Y: 0.3, W: 0.1, H: 0.2 }
    const rectangle = { x: 250, y: 400, width: 100, height: 200 }
    expect(findIn({ Shape: 'rectangle', Unit: 'relative', ...sides })).toEqual(
      isFound ? [rectangle] : undefined,
    )
    const circle = { x: 200, y: 300, width: 100, height: 100 }
    expect(findIn({ Shape: 'circle', Unit: 'relative', ...sides, Rx: 0.05 })).toEqual(
      isFound ? [circle] : undefined,
    )
    expect(findIn({ Shape: 'rectangle', Unit: 'pixel', ...sides })).toBeUndefined()
    expect(findIn({ Shape: 'rectangle', ...sides })).toBeUndefined()
  })

  test('give the middle of the box around all of them', () => {
    const faces = asAttributes(0.2, 0.3, 0.2, 0.2) + asElements(0.8, 0.5, 0.1, 0.4)
    // From 0.1 to 0.85, and from 0.2 to 0.7.
    expect(find(packet(faces))).toEqual({ x: 475, y: 450 })
  })

  test('are of the picture as it is stored, and turned as EXIF says', () => {
    const xmp = packet(asAttributes(0.1, 0.2, 0.02, 0.02))
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => find(xmp, orientation))).toEqual([
      { x: 100, y: 200 },
      { x: 900, y: 200 },
      { x: 900, y: 800 },
      { x: 100, y: 800 },
      { x: 200, y: 100 },
      { x: 800, y: 100 },
      { x: 800, y: 900 },
      { x: 200, y: 900 },
    ])
  })

  test('are told one by one, turned too, with their names', () => {
    const xmp = packet(asAttributes(0.1, 0.2, 0.02, 0.04) + asElements(0.8, 0.5, 0, 0))
    const named = { name: 'A & B' }
    expect(findAll(xmp)?.regions).toEqual([
      { x: 100, y: 200, width: 20, height: 40, ...named },
      { x: 800, y: 500, width: 0, height: 0 },
    ])
    expect(findAll(xmp, 6)?.regions).toEqual([
      { x: 800, y: 100, width: 40, height: 20, ...named },
      { x: 500, y: 800, width: 0, height: 0 },
    ])
  })

  test("are read as Microsoft's photo gallery writes them where there are no others", () => {
    const toList = (entries: string): string =>
      `<rdf:Description xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:r="http://ns.microsoft.com/photo/1.2/t/Region#"
      xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"><MP:RegionInfo><rdf:Description><MPRI:Regions>
      <rdf:Bag>${entries}</rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo></rdf:Description>`
    const list = toList(`<rdf:li rdf:parseType="Resource"><r:Rectangle>0.1, 0.2, 0.2, 0.1</r:Rectangle>
      <r:PersonDisplayName>Ann</r:PersonDisplayName></rdf:li><rdf:li><rdf:Description r:Rectangle="0.8,0.2,0.1,0.1"
      /></rdf:li><rdf:li rdf:parseType="Resource"><r:PersonDisplayName>Not here</r:PersonDisplayName></rdf:li>`)
    const only = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${list}</rdf:RDF>`
    expect(findAll(only, 6)).toEqual({
      focus: { x: 750, y: 500 },
      regions: [
        { x: 750, y: 200, width: 100, height: 200, name: 'Ann' },
        { x: 750, y: 850, width: 100, height: 100 },
      ],
    })
    const both = packet(asAttributes(0.1, 0.2, 0.02, 0.02)).replace('</rdf:RDF>', `${list}</rdf:RDF>`)
    expect(find(both)).toEqual({ x: 100, y: 200 })
  })

  test('all decide the middle, and a hundred of them are told', () => {
    const many = Array.from({ length: 150 }, (_, i) => asElements(i / 150, 0.5, 0, 0)).join('')
    const found = findAll(packet(many))
    expect(found?.regions).toHaveLength(100)
    expect(found?.focus).toEqual({ x: 497, y: 500 })
  })

  test('are not turned again where they were marked on the upright picture', () => {
    const upright = 'stDim:w="3000" stDim:h="4000" stDim:unit="pixel"'
    const xmp = packet(asAttributes(0.1, 0.2, 0.02, 0.02), upright)
    expect(find(xmp, 6)).toEqual({ x: 100, y: 200 })
    // Of a picture that is not turned they are of another shape.
    expect(find(xmp, 1)).toBeUndefined()
  })

  test('count after the picture was reduced, and not after it was cut', () => {
    const xmp = packet(asAttributes(0.1, 0.2, 0.02, 0.02))
    expect(find(xmp, 1, { width: 801, height: 600 })).toEqual({ x: 100, y: 200 })
    expect(find(xmp, 1, { width: 3000, height: 3000 })).toBeUndefined()
  })

  test.each([
    ['a pet', packet(asAttributes(0.1, 0.2, 0.1, 0.1, 'Pet'))],
    ['pixels', packet(asAttributes(0.1, 0.2, 0.1, 0.1, 'Face', 'pixel'))],
    ['no list', packet('')],
    ['numbers that are none', packet(asAttributes(Number.NaN, 0.2, 0.1, 0.1))],
    ['a point outside', packet(asAttributes(1.2, 0.2, 0.1, 0.1))],
    ['what breaks off', packet(asAttributes(0.1, 0.2, 0.1, 0.1)).slice(0, -80)],
    ['no XML', `http://www.metadataworkinggroup.com/schemas/regions/ <<<`],
    ['depth', packet('<a>'.repeat(200) + '</a>'.repeat(200) + asAttributes(0.1, 0.2, 0.1, 0.1))],
    ['size', packet(asAttributes(0.1, 0.2, 0.1, 0.1) + ' '.repeat(2_000_000))],
    ['entities', `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(99)}">]>${packet(`${'&b;'.repeat(9e4)}`)}`],
  ])('are not seen in %s', (_, xmp) => {
    expect(find(xmp)).toBeUndefined()
  })
})

describe('attention', () => {
  /** The same in each picture. */
  const drawNoise = sharp({
    create: {
      width: 60,
      height: 60,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 90 },
    },
  })
    .png()
    .toBuffer()

  /** Noise that draws the eye at the left, and a face marked at the right, in a picture that is stored on its side. */
  const makePhoto = async (xmp: string): Promise<Buffer> => {
    const noise = await drawNoise
    return sharp({ create: { width: 800, height: 200, channels: 3, background: '#808080' } })
      .composite([{ input: noise, left: 40, top: 70 }])
      .jpeg()
      .withXmp(xmp)
      .toBuffer()
  }

  test('goes to faces first', async () => {
    const applied = 'stDim:w="800" stDim:h="200" stDim:unit="pixel"'
    const renderer = await openRenderer({
      threads: 1,
      memoryBytes: 1e9,
      limits: {
        sourcePixels: 1e8,
        frames: 10,
        outputPixels: 1e8,
        renderTimeoutMs: 20_000,
        damaged: 'refuse',
      },
    })
    onTestFinished(() => renderer.close())
    const resize = { kind: 'cover', width: 100, height: 100, position: 'attention' } as const
    const render = async (xmp: string) => {
      const bytes = await makePhoto(xmp)
      const outputs = [{ transform: { resize, quality: 80 }, format: 'png' as const }]
      const asked = await renderer.render({ bytes, outputs: [], encoders: QUICK, wantsSubjects: true })
      const report = await renderer.render({ bytes, outputs, encoders: QUICK })
      expect(report.subjects).toBeUndefined()
      return { ...report, subjects: asked.subjects }
    }
    const face = await render(packet(asAttributes(0.8, 0.5, 0.1, 0.1), applied))
    expect(face).toMatchObject({ attention: { x: 800, y: 500 }, attentionBy: 'faces' })
    const none = await render('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    expect(none.attentionBy).toBe('saliency')
    expect(none.attention?.x).toBeLessThan(300)
    // Where faces decide, saliency is told as it would decide without them.
    expect(face.subjects?.saliency).toEqual(none.attention)
    expect(face.subjects?.faces?.focus).toEqual(face.attention)
    expect(none.subjects).toEqual({ saliency: none.attention })
    expect(
      (await readPictureHeader(await makePhoto(packet(asElements(0.1, 0.5, 0.1, 0.1), applied)))).faces,
    ).toMatchObject({ focus: { x: 100, y: 500 } })
  })
})
