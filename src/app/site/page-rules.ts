import { LRUCache } from 'lru-cache'
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

/** What one text says, and the style sheets that it imports. */
interface ReadCode {
  readonly rules: readonly PageRule[]
  readonly imports: readonly string[]
}

/** The characters of texts in pages that are kept: a site's pages have the same ones, and thousands of others. */
const MOST_INLINE = 5_000_000

/**
 * Reads each style sheet and script of a site once. `read` gives a file by its path below the site's root; undefined:
 * none.
 */
export const createReadPageRules = (
  sources: Pick<SiteSources, 'pathOf'>,
  read: (sitePath: string) => Promise<string | undefined>,
): ReadPageRules => {
  const files = new Map<string, Promise<ReadCode>>()
  const inline = new LRUCache<string, ReadCode>({
    maxSize: MOST_INLINE,
    sizeCalculation: (_, text) => text.length + 1,
  })
  const readText = (text: string, kind: PageCode['kind']): ReadCode => {
    const code = inline.get(text) ?? parseCode(text, kind)
    inline.set(text, code)
    return code
  }
  const readFile = (path: string, kind: PageCode['kind']): Promise<ReadCode> => {
    const code = files.get(path) ?? read(path).then((text = '') => parseCode(text, kind))
    files.set(path, code)
    return code
  }
  return async (codes, page) => {
    // Each once: style sheets may import one another, in a circle too.
    const seen = new Set<ReadCode>()
    const rules: (readonly PageRule[])[] = []
    const add = async (code: PageCode, place: PagePlace): Promise<void> => {
      const path = 'href' in code ? sources.pathOf(code.href, place) : undefined
      const found =
        'text' in code ? readText(code.text, code.kind) : path && (await readFile(path, code.kind))
      if (!found || seen.has(found)) return
      seen.add(found)
      for (const href of found.imports)
        await add({ kind: 'css', href }, path === undefined ? place : { path })
      rules.push(found.rules)
    }
    for (const code of codes) await add(code, page)
    return rules.flat()
  }
}

/** The Content-Security-Policies that a site's files of headers say. `read` as above. */
export const readHeaderPolicies = async (
  read: (sitePath: string) => Promise<string | undefined>,
): Promise<readonly string[]> => {
  const texts = await Promise.all(HEADER_FILES.map(read))
  // A file of headers may say the same of each page.
  return [...new Set(texts.flatMap((text) => listHeaderPolicies(text ?? '')))]
}

const parseCode = (text: string, kind: PageCode['kind']): ReadCode =>
  kind === 'css'
    ? { rules: listPlaceRules(text), imports: listImports(text) }
    : { rules: listScriptRules(text), imports: [] }

const listImports = (css: string): readonly string[] =>
  [...css.matchAll(/@import\s+(?:url\(\s*)?["']?([^"')\s;]+)/gi)].map(([, href = '']) => href)
