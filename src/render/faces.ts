import type { Size } from '../core/geometry.ts'
import { Problem } from '../core/problem.ts'
import type { Focus } from '../core/transform.ts'
import type { FaceRegion, Faces } from './port.ts'
import type { Visitor } from './svg/markup.ts'
import { walkMarkup } from './svg/walk.ts'

/** What a header tells of the picture that its regions are of. */
interface StoredShape {
  /** As it is stored, before any turn. */
  readonly size: Size
  /** EXIF's, 1..8; 1 where it is not obeyed. */
  readonly orientation: number
}

/**
 * The faces that an XMP packet marks (`mwg-rs:Regions` of type Face, which phones, Lightroom and digiKam write, and
 * ACDSee under names of its own; without them Microsoft's `MP:RegionInfo`, or IPTC's regions of people), on the picture
 * as the viewer sees it. Undefined where it marks none, cannot be read, or was written for a picture of another shape.
 */
export const findFaces = (xmp: Uint8Array | undefined, picture: StoredShape): Faces | undefined => {
  if (xmp === undefined || xmp.length > MOST_BYTES) return undefined
  const text = new TextDecoder().decode(xmp).replaceAll('\0', '')
  if (!MARKS.some((mark) => text.includes(mark))) return undefined
  const { faces, appliedTo } = readRegions(text)
  const orientation = orientationOf(appliedTo, picture)
  if (faces.length === 0 || orientation === undefined) return undefined
  const regions = faces.slice(0, MOST_REGIONS).map((face) => toSeen(face, orientation))
  return { focus: toFocus(unite(faces), orientation), regions }
}

const MOST_BYTES = 2_000_000
const MOST_DEPTH = 100
/** All decide the focus; so many are shown. */
const MOST_REGIONS = 100

const REGIONS = 'http://www.metadataworkinggroup.com/schemas/regions/'
const PEOPLE = 'http://ns.microsoft.com/photo/1.2/t/Region'
const AREA = 'http://ns.adobe.com/xmp/sType/Area#'
const DIMENSIONS = 'http://ns.adobe.com/xap/1.0/sType/Dimensions#'
/** Its regions are Metadata Working Group's, but for the names of their namespaces. */
const ACDSEE: Readonly<Record<string, string>> = {
  'http://ns.acdsee.com/regions/': REGIONS,
  'http://ns.acdsee.com/sType/Area#': AREA,
  'http://ns.acdsee.com/sType/Dimensions#': DIMENSIONS,
}
const IPTC = 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/'
const MARKS = [REGIONS, PEOPLE, ...Object.keys(ACDSEE), ':ImageRegion']
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'

/** Values are attributes of an element or elements of their own: in RDF both mean the same. */
const readRegions = (text: string): Found => {
  try {
    return walkMarkup(text, openRegions).found()
  } catch (error) {
    // Metadata that cannot be read is no reason to refuse a picture.
    if (error instanceof Error) return { faces: [] }
    throw error
  }
}

interface Found {
  readonly faces: readonly FaceRegion[]
  /** The size of the picture that they were marked on. */
  readonly appliedTo?: Size
}

const openRegions = (): Visitor & { readonly found: () => Found } => {
  const faces: FaceRegion[] = []
  const people: FaceRegion[] = []
  const prefixes = new Map<string, string>()
  const open: { readonly name: string; text: string }[] = []
  let list = 0
  let entry = 0
  let fields = new Map<string, string>()
  const dimensions = new Map<string, string>()
  const resolve = (name: string): string => {
    const [prefix = '', local = ''] = name.split(':')
    return (prefixes.get(prefix) ?? '') + local
  }
  const take = (name: string, value: string): void => {
    if (name.startsWith(DIMENSIONS)) dimensions.set(name, value)
    else if (entry > 0) fields.set(name, name === `${RDF}li` ? `${fields.get(name) ?? ''} ${value}` : value)
  }
  return {
    open: (name, attributes) => {
      for (const { name: at, value } of attributes)
        if (at.startsWith('xmlns:')) prefixes.set(at.slice('xmlns:'.length), ACDSEE[value] ?? value)
      if (open.length >= MOST_DEPTH) throw new Problem('image-corrupt', 'too deep')
      open.push({ name: resolve(name), text: '' })
      if (LISTS.has(resolve(name))) list = open.length
      if (list > 0 && entry === 0 && resolve(name) === `${RDF}li`) {
        entry = open.length
        fields = new Map()
      }
      for (const { name: at, value } of attributes) take(resolve(at), value)
      if (resolve(name) === PERSON) take(PERSON, '')
    },
    text: (part) => {
      const last = open.at(-1)
      if (last !== undefined) last.text += part
    },
    close: () => {
      const closed = open.pop()
      if (closed !== undefined && closed.text.trim() !== '') take(closed.name, closed.text.trim())
      const depth = open.length + 1
      if (depth === entry) {
        const [face, person] = [toFace(fields), toPerson(fields) ?? toSubject(fields)]
        if (face !== undefined) faces.push(face)
        if (person !== undefined) people.push(person)
        entry = 0
      }
      if (depth === list) list = 0
    },
    instruction: () => {},
    found: () => {
      const [width, height] = [dimensions.get(`${DIMENSIONS}w`), dimensions.get(`${DIMENSIONS}h`)].map(Number)
      return {
        faces: faces.length > 0 ? faces : people,
        ...(width && height && { appliedTo: { width, height } }),
      }
    },
  }
}

const toFace = (fields: ReadonlyMap<string, string>): FaceRegion | undefined => {
  const number = (name: string): number => Number(fields.get(AREA + name) ?? Number.NaN)
  const unit = fields.get(`${AREA}unit`) ?? 'normalized'
  if (fields.get(`${REGIONS}Type`) !== 'Face' || unit !== 'normalized') return undefined
  // A circle has a diameter, a point no size at all.
  const diameter = fields.has(`${AREA}d`) ? number('d') : 0
  const width = fields.has(`${AREA}w`) ? number('w') : diameter
  const height = fields.has(`${AREA}h`) ? number('h') : diameter
  return toRegion({ x: number('x'), y: number('y'), width, height }, fields.get(`${REGIONS}Name`))
}

/**
 * A rectangle or a circle of IPTC's (Photo Metadata Standard 2019.1) around somebody, or what the picture is about. Not
 * covered: polygons, and sides in pixels.
 */
const toSubject = (fields: ReadonlyMap<string, string>): FaceRegion | undefined => {
  const side = (name: string): number => Number(fields.get(`${IPTC}rb${name}`) ?? Number.NaN)
  if (!fields.has(PERSON) && !SUBJECT.test(fields.get(`${RDF}li`) ?? '')) return undefined
  if (fields.get(`${IPTC}rbUnit`) !== 'relative') return undefined
  if (fields.get(`${IPTC}rbShape`) === 'circle')
    return toRegion({ x: side('X'), y: side('Y'), width: 2 * side('Rx'), height: 2 * side('Rx') })
  const [width, height] = [side('W'), side('H')]
  return toRegion({ x: side('X') + width / 2, y: side('Y') + height / 2, width, height })
}

const PERSON = `${IPTC}PersonInImage`
const SUBJECT = /\/imageregion(?:role\/mainSubjectArea|type\/human)\b/

/** Microsoft's rectangles begin at the left and the top. */
const toPerson = (fields: ReadonlyMap<string, string>): FaceRegion | undefined => {
  const sides = fields.get(`${PEOPLE}#Rectangle`)?.split(',').map(Number) ?? []
  const [left = Number.NaN, top = Number.NaN, width = Number.NaN, height = Number.NaN] = sides
  const region = { x: left + width / 2, y: top + height / 2, width, height }
  return toRegion(region, fields.get(`${PEOPLE}#PersonDisplayName`))
}

const toRegion = (region: FaceRegion, given = ''): FaceRegion | undefined => {
  const name = given.trim()
  if (!Object.values(region).every((value) => value >= 0 && value <= 1)) return undefined
  return { ...region, ...(name && { name: name.slice(0, LONGEST_NAME) }) }
}

const LISTS = new Set([`${REGIONS}RegionList`, `${PEOPLE}Info#Regions`, `${IPTC}ImageRegion`])
const LONGEST_NAME = 100

/** The middle of the box around all of them. */
const unite = (faces: readonly FaceRegion[]): { readonly x: number; readonly y: number } => {
  const middle = (at: 'x' | 'y', side: 'width' | 'height'): number => {
    const least = Math.min(...faces.map((face) => Math.max(0, face[at] - face[side] / 2)))
    const most = Math.max(...faces.map((face) => Math.min(1, face[at] + face[side] / 2)))
    return (least + most) / 2
  }
  return { x: middle('x', 'width'), y: middle('y', 'height') }
}

/** Sides are rounded when a picture is reduced. */
const SHAPE_TOLERANCE = 0.02

/**
 * The orientation by which the regions are rotated. They refer to the picture as stored, unless they say that they were
 * marked on one that lies the other way: then they are turned already. Undefined where they are of another shape: it was
 * cut since.
 */
const orientationOf = (
  appliedTo: Size | undefined,
  { size, orientation }: StoredShape,
): number | undefined => {
  if (appliedTo === undefined || hasShape(appliedTo, size)) return orientation
  const turned = { width: size.height, height: size.width }
  return orientation >= 5 && hasShape(appliedTo, turned) ? 1 : undefined
}

const hasShape = (a: Size, b: Size): boolean =>
  Math.abs((a.width * b.height) / (a.height * b.width) - 1) <= SHAPE_TOLERANCE

/** Where a point of the stored picture is seen, by EXIF's orientation. */
const toFocus = ({ x, y }: { readonly x: number; readonly y: number }, orientation: number): Focus => {
  const [seenX, seenY] = (TURNS[orientation - 1] ?? ((a, b) => [a, b]))(x, y)
  return { x: Math.round(seenX * 1000), y: Math.round(seenY * 1000) }
}

/** A region in parts of the sides of the stored picture, as the viewer sees it, in per mille. */
const toSeen = (region: FaceRegion, orientation: number): FaceRegion => {
  const [width, height] = [Math.round(region.width * 1000), Math.round(region.height * 1000)]
  const size = orientation >= 5 ? { width: height, height: width } : { width, height }
  return { ...region, ...toFocus(region, orientation), ...size }
}

const TURNS: readonly ((x: number, y: number) => readonly [number, number])[] = [
  (x, y) => [x, y],
  (x, y) => [1 - x, y],
  (x, y) => [1 - x, 1 - y],
  (x, y) => [x, 1 - y],
  (x, y) => [y, x],
  (x, y) => [1 - y, x],
  (x, y) => [1 - y, 1 - x],
  (x, y) => [y, 1 - x],
]
