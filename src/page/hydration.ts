import type { DefaultTreeAdapterTypes } from 'parse5'

/**
 * The framework that renders again what is inside of an element; undefined where it shows no sign of one. Such a framework
 * expects the tags that it wrote: it puts its own `<img>` in place of a `<picture>`, or changes the wrong one of the two.
 */
export const frameworkOf = (
  { tagName, attrs }: DefaultTreeAdapterTypes.Element,
  children: readonly DefaultTreeAdapterTypes.Node[],
): string | undefined => {
  if (tagName === 'astro-island') return 'Astro'
  // An id says less than the attribute that a framework may write after it.
  let framework: string | undefined
  for (const { name, value } of attrs)
    framework = (name === 'id' ? frameworkOfId(value) : MARKS.get(name)) ?? framework
  if (framework !== undefined) return framework
  for (const child of children) {
    framework = 'data' in child ? COMMENTS.find(([said]) => said.test(child.data))?.[1] : undefined
    if (framework !== undefined) return framework
  }
  return undefined
}

/** The ids of the elements that frameworks render into. */
const ROOTS: ReadonlyMap<string, string> = new Map([
  ['__next', 'Next.js'],
  ['___gatsby', 'Gatsby'],
  ['__docusaurus', 'Docusaurus'],
  ['__nuxt', 'Nuxt'],
])

/** Those of other frameworks (`__rspress_root`), and of templates for any: `root`, `app`, `react-root`, `q-app`. */
const ROOT = /^(?:__.+|(?:(?:p?react|vue|svelte|solid|redwood|storybook|q)[-_]?)?(?:root|app))$/i

const frameworkOfId = (id: string): string | undefined =>
  ROOTS.get(id) ?? (ROOT.test(id) ? `id="${id}"` : undefined)

/**
 * Where scripts count on the place of an `<img>`, as a selector: one in an attribute of it, as WordPress' lightbox, or,
 * on a page that loads some, a slider or a masonry. These take each child of an element for a slide, whichever it is,
 * and a `<picture>` has no box. Undefined where nothing speaks for it.
 */
export const createFindScript = (loadsScript: boolean) => {
  const rows = new Map<DefaultTreeAdapterTypes.ParentNode, string | undefined>()
  return ({ attrs, parentNode }: DefaultTreeAdapterTypes.Element): string | undefined => {
    const handler = attrs.find(
      ({ name, value }) => name.startsWith('data-wp-') || (name.startsWith('on') && NEIGHBOUR.test(value)),
    )
    if (handler !== undefined) return `img[${handler.name}]`
    if (!loadsScript || parentNode === null) return undefined
    const slide = classesOf(attrs).find((name) => /(?:^|[-_])(?:slide|stretch)$/.test(name))
    if (slide !== undefined) return `img.${slide}`
    // Each once, because a row may be long.
    if (!rows.has(parentNode)) rows.set(parentNode, findRow(parentNode))
    return rows.get(parentNode)
  }
}

const findRow = (parent: DefaultTreeAdapterTypes.ParentNode): string | undefined => {
  if (!('tagName' in parent) || !/^(?:div|section|li|ul)$/.test(parent.tagName)) return undefined
  const classes = classesOf(parent.attrs)
  const holder = classes.find((each) => HOLDERS.has(each))
  if (holder !== undefined) return `.${holder} > img`
  const id = parent.attrs.find((each) => each.name === 'id')?.value
  const isSetUp = parent.attrs.some(({ name }) => name.startsWith('data-'))
  const [own] = isSetUp ? classes : classes.filter((each) => !GRID.test(each))
  const selector = own !== undefined ? `.${own} > img` : id && `#${id} > img`
  if (!selector) return undefined
  const children = parent.childNodes.filter((each) => !('value' in each && each.value.trim() === ''))
  const isRow = children.every(({ nodeName }) => /^(?:img|picture|#comment)$/.test(nodeName))
  return isRow && children.length > 1 ? selector : undefined
}

/** The classes of elements in which Splide, Swiper's zoom and Cycle2 look for an `<img>` among the children alone. */
const HOLDERS: ReadonlySet<string> = new Set([
  'splide__slide',
  'splide__slide__container',
  'swiper-zoom-container',
  'cycle-slideshow',
])

/** Classes by which Bootstrap and others place an element; no script looks for the slides of one by them. */
const GRID = /^(?:col(?:-.+)?|(?:offset|order|text|[mp][tblrsexy]?)-.+)$/

/** How a script finds the elements around one. */
const NEIGHBOUR = /\bthis\s*\.\s*(?:parent(?:Node|Element)|(?:next|previous)(?:Element)?Sibling)\b/

const classesOf = (attrs: DefaultTreeAdapterTypes.Element['attrs']): readonly string[] =>
  (attrs.find(({ name }) => name === 'class')?.value ?? '').split(/\s+/).filter(Boolean)

/** Whether it is a sign only on a page that loads a script, since other pages have such ids as well. */
export const needsScript = (framework: string | undefined): boolean => framework?.startsWith('id=') === true

/** Attributes that frameworks write at what they render again. AMP refuses pages with a `<picture>`. */
const MARKS: ReadonlyMap<string, string> = new Map([
  ['data-reactroot', 'React'],
  ['data-server-rendered', 'Vue'],
  ['data-hk', 'Solid'],
  ['ngh', 'Angular'],
  ['q:container', 'Qwik'],
  ['amp', 'AMP'],
  ['⚡', 'AMP'],
])

/** The comments with which frameworks mark parts that may change. */
const COMMENTS: readonly (readonly [said: RegExp, framework: string])[] = [
  [/^\[(?:!|-?\d+)?$/, 'Svelte or Vue'],
  [/^\$[?!~]?$/, 'React'],
  [/^lit-part\b/, 'Lit'],
]

/** What the scripts of frameworks say that render all of a page again. */
const SCRIPTS: readonly (readonly [said: RegExp, framework: string])[] = [
  [/\b__next_f\b/, 'Next.js'],
  [/\b__sveltekit_\w/, 'SvelteKit'],
  [/\b__VP_HASH_MAP__\b/, 'VitePress'],
  [/\b__(?:remix|reactRouter)Context\b/, 'React Router'],
]

/** The framework whose script this is, if it renders all of the page again. */
export const frameworkOfScript = (text: string): string | undefined =>
  SCRIPTS.find(([said]) => said.test(text))?.[1]
