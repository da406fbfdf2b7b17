import type { Attribute } from './markup.ts'

/**
 * Counts the surfaces, each of the size of the whole, that are in memory at once while a drawing is drawn: librsvg
 * needs one for each open element that is composed as a whole, two for a mask, and a mask may have masks itself. Of a
 * style sheet, it sees what classes, ids and names choose among the elements that follow. Not seen are other selectors,
 * and copies of elements elsewhere.
 */
export class SurfaceCounter {
  /** The surfaces of each open element, from the outermost element or from its mask. */
  readonly #open: { readonly canvas: Canvas; readonly held: number }[] = []
  readonly #masks = new Map<string, Canvas>()
  readonly #root: Canvas = { own: 0, masked: [] }
  /** What style sheets say of `.class`, `#id` and names of elements. */
  readonly #styles = new Map<string, Composition>()

  /** Takes a style sheet for the elements that follow. */
  addStyles(css: string): void {
    for (const rule of css.split('}')) {
      const [value = '', selectors = ''] = rule.split('{').reverse()
      const composition = readComposition([{ name: 'style', value }])
      for (const selector of selectors.split(',')) {
        const chosen = /[.#]?[\w-]+$/.exec(selector.trimEnd().slice(-MOST_NAME))?.[0]
        if (chosen !== undefined) this.#styles.set(chosen, join(this.#styles.get(chosen), composition))
      }
    }
  }

  open(element: string, attributes: readonly Attribute[]): void {
    const parent = this.#open.at(-1) ?? { canvas: this.#root, held: 0 }
    const canvas = element === 'mask' ? this.#toMask(attributes) : parent.canvas
    const outer = element === 'mask' ? 0 : parent.held
    const { isComposed, mask } = this.#compose(element, attributes)
    const held = isComposed || mask !== undefined ? outer + 1 : outer
    canvas.own = Math.max(canvas.own, held)
    if (mask !== undefined) canvas.masked.push({ mask, held })
    this.#open.push({ canvas, held })
  }

  close(): void {
    this.#open.pop()
  }

  /** The most surfaces at once, in addition to the one for the whole. */
  get most(): number {
    return this.#measure(this.#root, new Set())
  }

  #compose(element: string, attributes: readonly Attribute[]): Composition {
    const own = readComposition(attributes)
    if (this.#styles.size === 0) return own
    const chosen = attributes.flatMap(({ name, value }) =>
      name === 'class' ? value.split(/\s+/).map((each) => `.${each}`) : name === 'id' ? [`#${value}`] : [],
    )
    return [element, ...chosen].reduce((whole, each) => join(this.#styles.get(each), whole), own)
  }

  #toMask(attributes: readonly Attribute[]): Canvas {
    const id = attributes.find(({ name }) => name === 'id')?.value ?? ''
    const canvas = this.#masks.get(id) ?? { own: 0, masked: [] }
    this.#masks.set(id, canvas)
    return canvas
  }

  /** Each is measured once. One that masks itself is not drawn, nor is anything deeper than that. */
  #measure(canvas: Canvas, within: Set<Canvas>): number {
    if (canvas.most !== undefined || within.has(canvas) || within.size > DEEPEST) return canvas.most ?? 0
    within.add(canvas)
    const behind = canvas.masked.map(({ mask, held }) => {
      const found = this.#masks.get(mask)
      return found === undefined ? 0 : held + MASK_SURFACES + this.#measure(found, within)
    })
    within.delete(canvas)
    canvas.most = behind.reduce((a, b) => Math.max(a, b), canvas.own)
    return canvas.most
  }
}

/** The second surface is that of the masked element. */
const MASK_SURFACES = 1

const DEEPEST = 1_000

/** Something that is drawn separately: the whole, or a mask. */
interface Canvas {
  own: number
  readonly masked: { readonly mask: string; readonly held: number }[]
  most?: number
}

interface Composition {
  readonly isComposed: boolean
  readonly mask?: string
}

const readComposition = (attributes: readonly Attribute[]): Composition => {
  let isComposed = false
  let mask: string | undefined
  const read = (name: string, value: string): void => {
    if (name === 'mask') mask = /^url\(\s*["']?#([^"')]+?)["']?\s*\)/.exec(value)?.[1]
    else isComposed ||= PLAIN[name]?.test(value) === false
  }
  for (const { name, value } of attributes)
    if (name === 'style')
      for (const [, property = '', text = ''] of value.matchAll(DECLARATION)) read(property, text.trim())
    else if (name === 'mask' || name in PLAIN) read(name, value.trim())
  return { isComposed, ...(mask !== undefined && { mask }) }
}

const DECLARATION = /(?:^|[;\s])(mask|opacity|filter|mix-blend-mode|isolation)\s*:\s*([^;!]+)/g

const join = (under: Composition | undefined, over: Composition): Composition => ({
  ...under,
  ...over,
  isComposed: over.isComposed || under?.isComposed === true,
})

/** Longer names of classes are not seen. */
const MOST_NAME = 100

/** The values of properties with which nothing is composed. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  opacity: /^(?:1|100%)(?:\.0*)?$/,
  filter: /^none$/,
  'mix-blend-mode': /^normal$/,
  isolation: /^auto$/,
}
