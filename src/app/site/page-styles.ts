import { listPlaceRules, type PlaceRule } from '../../page/place-rules.ts'
import type { PageStyle } from '../../page/read-page.ts'
import type { PagePlace, SiteSources } from '../../page/site-sources.ts'

/** The rules in a page's CSS that depend on an element's place; style sheets of other hosts are not read. */
export type ReadPlaceRules = (styles: readonly PageStyle[], page: PagePlace) => Promise<readonly PlaceRule[]>

/** How many levels of style sheets may import one another. */
const MOST_IMPORTS = 5

/** Reads each style sheet of a site once. `read` gives a file by its path below the site's root; undefined: none. */
export const createReadPlaceRules = (
  sources: Pick<SiteSources, 'pathOf'>,
  read: (sitePath: string) => Promise<string | undefined>,
): ReadPlaceRules => {
  const sheets = new Map<string, Promise<readonly PlaceRule[]>>()
  const inline = new Map<string, readonly PlaceRule[]>()
  const rulesOfText = (css: string): readonly PlaceRule[] => {
    const rules = inline.get(css) ?? listPlaceRules(css)
    inline.set(css, rules)
    return rules
  }
  const rulesOfSheet = (href: string, page: PagePlace, depth: number): Promise<readonly PlaceRule[]> => {
    const path = sources.pathOf(href, page)
    if (path === undefined || depth > MOST_IMPORTS) return Promise.resolve([])
    const rules = sheets.get(path) ?? readSheet(path, depth)
    sheets.set(path, rules)
    return rules
  }
  const readSheet = async (path: string, depth: number): Promise<readonly PlaceRule[]> => {
    const css = (await read(path)) ?? ''
    const imported = await Promise.all(
      listImports(css).map((href) => rulesOfSheet(href, { path }, depth + 1)),
    )
    return [...imported.flat(), ...listPlaceRules(css)]
  }
  return async (styles, page) => {
    const all = await Promise.all(
      styles.map((style) => ('css' in style ? rulesOfText(style.css) : rulesOfSheet(style.href, page, 0))),
    )
    return all.flat()
  }
}

const listImports = (css: string): readonly string[] =>
  [...css.matchAll(/@import\s+(?:url\(\s*)?["']?([^"')\s;]+)/gi)].map(([, href = '']) => href)
