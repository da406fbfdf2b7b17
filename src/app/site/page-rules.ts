import { HEADER_FILES, listHeaderPolicies } from '../../page/content-policy.ts'
import type { PageCode } from '../../page/page-code.ts'
import { listPlaceRules, type PageRule } from '../../page/place-rules.ts'
import { listScriptRules } from '../../page/script-rules.ts'
import type { PagePlace, SiteSources } from '../../page/site-sources.ts'

/**
 * What a page's CSS and scripts say of its elements: rules that depend on an element's place, and those of elements
 * whose `src` a script sets. What other hosts serve is not read.
 */
export type ReadPageRules = (codes: readonly PageCode[], page: PagePlace) => Promise<readonly PageRule[]>

/** How many levels of style sheets may import one another. */
const MOST_IMPORTS = 5

/**
 * Reads each style sheet and script of a site once. `read` gives a file by its path below the site's root; undefined:
 * none.
 */
export const createReadPageRules = (
  sources: Pick<SiteSources, 'pathOf'>,
  read: (sitePath: string) => Promise<string | undefined>,
): ReadPageRules => {
  const files = new Map<string, Promise<readonly PageRule[]>>()
  const inline = new Map<string, readonly PageRule[]>()
  const rulesOfText = (text: string, kind: PageCode['kind']): readonly PageRule[] => {
    const rules = inline.get(text) ?? parseRules(text, kind)
    inline.set(text, rules)
    return rules
  }
  const rulesOfFile = (
    href: string,
    kind: PageCode['kind'],
    page: PagePlace,
    depth = 0,
  ): Promise<readonly PageRule[]> => {
    const path = sources.pathOf(href, page)
    if (path === undefined || depth > MOST_IMPORTS) return Promise.resolve([])
    const rules = files.get(path) ?? readFile(path, kind, depth)
    files.set(path, rules)
    return rules
  }
  const readFile = async (
    path: string,
    kind: PageCode['kind'],
    depth: number,
  ): Promise<readonly PageRule[]> => {
    const text = (await read(path)) ?? ''
    const imports = kind === 'css' ? listImports(text) : []
    const imported = await Promise.all(imports.map((href) => rulesOfFile(href, kind, { path }, depth + 1)))
    return [...imported.flat(), ...parseRules(text, kind)]
  }
  return async (codes, page) => {
    const all = await Promise.all(
      codes.map((code) =>
        'text' in code ? rulesOfText(code.text, code.kind) : rulesOfFile(code.href, code.kind, page),
      ),
    )
    return all.flat()
  }
}

/** The Content-Security-Policies that a site's files of headers say. `read` as above. */
export const readHeaderPolicies = async (
  read: (sitePath: string) => Promise<string | undefined>,
): Promise<readonly string[]> => {
  const texts = await Promise.all(HEADER_FILES.map(read))
  return texts.flatMap((text) => listHeaderPolicies(text ?? ''))
}

const parseRules = (text: string, kind: PageCode['kind']): readonly PageRule[] =>
  kind === 'css' ? listPlaceRules(text) : listScriptRules(text)

const listImports = (css: string): readonly string[] =>
  [...css.matchAll(/@import\s+(?:url\(\s*)?["']?([^"')\s;]+)/gi)].map(([, href = '']) => href)
