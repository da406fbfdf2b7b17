import { Problem } from '../../core/problem.ts'
import { sniffMedia } from '../sniff.ts'
import { formatSvgAddress, formatSvgData, readAddress, refersTo } from './address.ts'
import { ANIMATIONS, CREDIT, ELEMENTS, isFilterPrimitive, SVG, TEXTS, XINCLUDE, XLINK } from './allowed.ts'
import { addCensus, countElement, emptyCensus, type SvgCensus } from './census.ts'
import { type AttributeContext, cleanAttributes, HANDLER, readAnimatedAddresses } from './clean-attributes.ts'
import { cleanStyle } from './clean-style.ts'
import { Danger } from './danger.ts'
import { type Attribute, escapeText, formatAttribute, type Visitor } from './markup.ts'
import { NAMESPACES, type OpenElement, openElement, readNamespaces, splitQName } from './open-element.ts'
import { holdsInches } from './root.ts'
import { SurfaceCounter } from './surfaces.ts'

type Root = Readonly<{ name: string; attributes: readonly Attribute[] }>

interface CleanerOptions {
  /** Whether elements that are left out are replaced by placeholders. */
  readonly keepsPlaces: boolean
  /** Cleans a drawing that is embedded in this one. */
  readonly cleanNested: (bytes: Uint8Array) => {
    readonly vector: string
    readonly hazard?: string
    readonly census: SvgCensus
    readonly pictures: readonly Uint8Array[]
  }
}

/** librsvg accepts a million, with 7 KB of memory each. A map of a country has about ten thousand. */
const MOST_ELEMENTS = 100_000
const MOST_EMBEDDED = 100

const HTML = 'shows HTML (foreignObject)'
const DRAW_TEXT =
  'Export it with its texts as SVG: in draw.io without "Formatted text", in Mermaid with htmlLabels: false.'

/**
 * Writes a drawing anew while it is parsed: known elements of SVG, with attributes that neither run nor lead
 * outside, and text. Tokens are interpreted once, here, and what is written means the same to any parser.
 */
export class SvgCleaner implements Visitor {
  readonly census = emptyCensus()
  readonly pictures: Uint8Array[] = []
  usesPlaces = false
  hasDropped = false
  /** Whether lengths are in inches or parts of them, except the sides of the whole. */
  hasInches = false
  /** Why the result is not served: completes "it …". */
  hazard: string | undefined
  readonly #options: CleanerOptions
  readonly #out: string[] = []
  readonly #openElements: OpenElement[] = []
  readonly #surfaces = new SurfaceCounter()
  /** Elements open inside one that is left out, including that one. */
  #dropped = 0
  #seen = 0
  #embedded = 0
  /** Of the text since the last end of an element. */
  #textBytes = 0
  #isTagOpen = false
  #usesUndeclaredXlink = false
  #root: Root | undefined

  constructor(options: CleanerOptions) {
    this.#options = options
  }

  /** The outermost element's name and attributes. */
  get root(): Root {
    if (this.#root === undefined) throw new Error('the walk has not begun')
    const { name, attributes } = this.#root
    return this.#usesUndeclaredXlink
      ? { name, attributes: [...attributes, { name: 'xmlns:xlink', value: XLINK }] }
      : this.#root
  }

  /** What follows them. */
  get body(): string {
    return this.#out.join('')
  }

  open = (name: string, given: readonly Attribute[]): void => {
    if (++this.#seen > MOST_ELEMENTS) throw new Danger(`has over ${MOST_ELEMENTS} elements`)
    const [prefix, local] = splitQName(name)
    const parent = this.#openElements.at(-1)
    if (parent === undefined) {
      this.#openRoot(name, given)
      return
    }
    const namespaces = readNamespaces(given, parent.namespaces)
    const namespace = namespaces.known.get(prefix)
    this.#noteScripts(local, given)
    if (namespace === XINCLUDE && local === 'include') throw new Danger('includes another document')
    if (this.#dropped > 0) {
      this.#dropped++
      return
    }
    if (local === 'foreignObject' && namespace === SVG) this.#noteForeign(given, parent)
    const isCredit = this.#isCredit(namespace)
    if (!(isCredit || this.#isKept(namespace, local, given))) {
      this.#dropped = 1
      this.#leavePlace()
      return
    }
    parent.kept++
    if (isFilterPrimitive(local)) parent.primitives++
    const attributes = cleanAttributes(given, this.#toContext(local, namespaces.known, isCredit))
    countElement(this.census, local, attributes)
    this.hasInches ||= attributes.some(({ name, value }) => !NO_LENGTHS.test(name) && holdsInches(value))
    this.#surfaces.open(local, attributes)
    const element = openElement({
      name,
      local,
      namespaces,
      start: this.#out.length,
      wasTagOpen: this.#isTagOpen,
    })
    this.#write(`<${name}${attributes.map((each) => formatAttribute(each.name, each.value)).join('')}`)
    this.#isTagOpen = true
    this.#openElements.push(element)
  }

  close = (): void => {
    if (this.#dropped > 0) {
      this.#dropped--
      return
    }
    const element = this.#openElements.pop()
    if (element === undefined) return
    this.#surfaces.close()
    if (this.#openElements.length === 0)
      this.census.surfaces = Math.max(this.census.surfaces, this.#surfaces.most)
    const { local, kept, primitives } = element
    if (element.lacksAlternative && kept === 0) throw new Danger(HTML, DRAW_TEXT)
    if (local === 'filter') this.census.longestFilter = Math.max(this.census.longestFilter, primitives)
    if (local === 'metadata' && kept === 0) this.#takeBack(element)
    else this.#writeEnd(element)
  }

  text = (text: string): void => {
    const element = this.#openElements.at(-1)
    if (element === undefined || this.#dropped > 0 || text === '') return
    if (element.local === 'style') element.text += text
    else this.#write(escapeText(text))
    if (LETTERED.has(element.local)) this.#countLetters(text)
  }

  /** What stood between two texts may be left out, so that they become one. */
  #countLetters(text: string): void {
    this.#textBytes += Buffer.byteLength(text)
    this.census.longestText = Math.max(this.census.longestText, this.#textBytes)
  }

  instruction = (name: string): void => {
    if (name.toLowerCase() === 'xml-stylesheet') throw new Danger('asks for a style sheet outside itself')
  }

  #openRoot(name: string, given: readonly Attribute[]): void {
    if (this.#root !== undefined) throw notSvg('more than one outermost element')
    const [prefix, local] = splitQName(name)
    const declared = readNamespaces(given, NAMESPACES)
    // Markup that was cut out of an HTML page declares nothing.
    const isBare = prefix === '' && !declared.known.has('')
    const attributes = isBare ? [{ name: 'xmlns', value: SVG }, ...given] : given
    const namespaces = readNamespaces(attributes, NAMESPACES)
    if (local !== 'svg' || namespaces.known.get(prefix) !== SVG)
      throw notSvg(`${name} as its outermost element`)
    this.#noteScripts(local, given)
    const clean = cleanAttributes(attributes, this.#toContext(local, namespaces.known, false))
    countElement(this.census, local, clean)
    this.#root = { name, attributes: clean }
    this.hasInches = clean.some(({ name, value }) => !NOT_MEASURED.test(name) && holdsInches(value))
    this.#isTagOpen = true
    this.#surfaces.open(local, clean)
    this.#openElements.push(openElement({ name, local, namespaces, start: 0, wasTagOpen: false }))
  }

  #isKept(namespace: string | undefined, local: string, given: readonly Attribute[]): boolean {
    const parent = this.#openElements.at(-1)
    if (namespace !== SVG || !ELEMENTS.has(local)) return false
    if (parent?.local === 'metadata' || TEXTS.has(parent?.local ?? '')) return false
    return !ANIMATIONS.has(local) || readAnimatedAddresses(given).every(({ kind }) => kind === 'own')
  }

  /** Who made it, and under which licence: only the names. */
  #isCredit(namespace: string | undefined): boolean {
    return (
      namespace !== undefined &&
      CREDIT.has(namespace) &&
      this.#openElements.some(({ local }) => local === 'metadata')
    )
  }

  /** Also in what is left out: then the original does more than its copy would. */
  #noteScripts(local: string, given: readonly Attribute[]): void {
    if (
      SCRIPTS.has(local.toLowerCase()) ||
      given.some(({ name }) => HANDLER.test(name)) ||
      (ANIMATIONS.has(local) && readAnimatedAddresses(given).some(({ kind }) => kind === 'script'))
    )
      this.#noteScript()
  }

  #noteScript = (): void => {
    this.hazard ??= 'holds a script'
  }

  /** Browsers show it, librsvg does not: if there is an alternative to draw, only the drawn picture is right. */
  #noteForeign(given: readonly Attribute[], parent: OpenElement): void {
    const required = given
      .find(({ name }) => name === 'requiredExtensions')
      ?.value.trim()
      .split(/\s+/)
    const isShown = required === undefined || required.every((extension) => KNOWN_EXTENSIONS.has(extension))
    if (!isShown) return
    if (parent.local !== 'switch') throw new Danger(HTML, DRAW_TEXT)
    parent.lacksAlternative = true
    this.hazard ??= HTML
  }

  #toContext(element: string, namespaces: ReadonlyMap<string, string>, isCredit: boolean): AttributeContext {
    return {
      element,
      isCredit,
      namespaceOf: (prefix) => {
        const known = namespaces.get(prefix)
        if (known !== undefined || prefix !== 'xlink') return known
        this.#usesUndeclaredXlink = true
        return XLINK
      },
      resolvePicture: this.#resolvePicture,
      resolveStyle: this.#resolveStyle,
      onScript: this.#noteScript,
    }
  }

  #resolvePicture = (text: string): string => {
    const address = readAddress(text)
    if (address.kind !== 'data') throw refersTo(text)
    if (address.type === 'image/svg+xml') return this.#nest(text, address, formatSvgAddress)
    if (!isPicture(address)) throw refersTo(text)
    this.#addPictures([address.bytes])
    return text
  }

  #resolveStyle = (text: string): string => {
    const address = readAddress(text)
    if (address.kind === 'own') return text
    if (address.kind === 'data' && address.type === 'image/svg+xml')
      return this.#nest(text, address, formatSvgData)
    return this.#resolvePicture(text)
  }

  #nest(
    text: string,
    { bytes, fragment }: { readonly bytes: Buffer; readonly fragment: string },
    format: (markup: string) => string,
  ): string {
    const { vector, hazard, census, pictures } = this.#options.cleanNested(bytes)
    addCensus(this.census, census)
    this.#addPictures(pictures)
    this.hazard ??= hazard
    return vector === bytes.toString() ? text : format(vector) + fragment
  }

  #addPictures(pictures: readonly Uint8Array[]): void {
    this.pictures.push(...pictures)
    if (++this.#embedded > MOST_EMBEDDED || this.pictures.length > MOST_EMBEDDED)
      throw new Danger(`embeds over ${MOST_EMBEDDED} pictures`)
    if (this.census.elements > MOST_ELEMENTS) throw new Danger(`has over ${MOST_ELEMENTS} elements`)
  }

  #leavePlace(): void {
    this.hasDropped = true
    if (this.#options.keepsPlaces) this.#write('<metadata/>')
  }

  #takeBack({ start, wasTagOpen }: OpenElement): void {
    this.#out.length = start
    this.#isTagOpen = wasTagOpen
    this.#leavePlace()
  }

  #writeEnd({ name, text }: OpenElement): void {
    this.#textBytes = 0
    if (text !== '') this.#write(escapeText(this.#cleanSheet(text)))
    this.#out.push(this.#isTagOpen ? '/>' : `</${name}>`)
    this.#isTagOpen = false
  }

  #cleanSheet(text: string): string {
    const { css, isScript, usesPlaces } = cleanStyle(text, this.#resolveStyle)
    if (isScript) this.#noteScript()
    this.usesPlaces ||= usesPlaces
    this.hasInches ||= holdsInches(css)
    this.#surfaces.addStyles(css)
    return css
  }

  #write(text: string): void {
    if (this.#isTagOpen) this.#out.push('>')
    this.#isTagOpen = false
    this.#out.push(text)
  }
}

/** Attributes that are texts, or lists of numbers that may be long. */
const NO_LENGTHS = /^(?:id|class|d|points|href|xlink:href|xmlns.*|data-.*|aria-.*)$/
/** For the outermost element, in addition: its sides are converted to pixels anyway. */
const NOT_MEASURED = new RegExp(`${NO_LENGTHS.source}|^(?:width|height|x|y)$`)

/** librsvg draws no text of others. */
const LETTERED: ReadonlySet<string> = new Set(['text', 'tspan', 'a'])
const SCRIPTS = new Set(['script', 'handler', 'listener'])
/** Extensions that browsers say they support (SVG 2, 5.9.3). */
const KNOWN_EXTENSIONS = new Set(['http://www.w3.org/1999/xhtml', 'http://www.w3.org/1998/Math/MathML'])
const PICTURE_TYPES = new Set(['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp'])
const PICTURE_FORMATS: ReadonlySet<unknown> = new Set(['png', 'jpeg', 'gif', 'webp', 'avif'])
/** Whatever an address says: browsers go by the bytes. An empty picture is a placeholder. */
const isPicture = ({ type, bytes }: { readonly type: string; readonly bytes: Buffer }): boolean =>
  PICTURE_TYPES.has(type) || PICTURE_FORMATS.has(sniffMedia(bytes))

const notSvg = (what: string): Problem =>
  new Problem('image-corrupt', `The drawing is no SVG: it has ${what}.`)
