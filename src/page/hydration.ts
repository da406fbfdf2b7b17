import type { DefaultTreeAdapterTypes } from 'parse5'

type Node = DefaultTreeAdapterTypes.Node

/**
 * The framework that renders again what is inside of an element; undefined where it shows no sign of one. Such a framework
 * expects the tags that it wrote: it puts its own `<img>` in place of a `<picture>`, or changes the wrong one of the two.
 */
const frameworkOf = (node: Node): string | undefined => {
  if (!('attrs' in node)) return undefined
  if (node.tagName === 'astro-island') return 'Astro'
  for (const { name, value } of node.attrs) {
    const framework = name === 'id' ? ROOTS.get(value) : MARKS.get(name)
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

/** Attributes that frameworks write at what they render again. */
const MARKS: ReadonlyMap<string, string> = new Map([
  ['data-reactroot', 'React'],
  ['data-server-rendered', 'Vue'],
  ['data-hk', 'Solid'],
  ['ngh', 'Angular'],
])

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

/** The framework that renders a picture again, as the elements around it show; undefined where none does. */
export const frameworkAround = (picture: Node): string | undefined => {
  for (let node: Node | null = picture; node !== null; node = 'parentNode' in node ? node.parentNode : null) {
    const framework = frameworkOf(node)
    if (framework !== undefined) return framework
  }
  return undefined
}
