import type { PageEvent } from '../../app/site/page-event.ts'
import { createReadPageRules, readHeaderPolicies } from '../../app/site/page-rules.ts'
import type { PageSource } from '../../app/site/page-source.ts'
import {
  listNeeds,
  listPageSources,
  parsePage,
  type RewriteRules,
  rewritePage,
} from '../../app/site/rewrite-page.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PictureOptions } from '../../page/picture-data.ts'
import { applyEdits } from '../../page/rewrite-html.ts'
import type { PagePlace } from '../../page/site-sources.ts'
import { collectNeeds, joinRequests } from './join-requests.ts'
import type { PageBuilder } from './page-builder.ts'
import type { SiteSource } from './site-sources.ts'

/** Where pictures are, and who makes missing ones. */
export interface PageSessionOptions extends Pick<RewriteRules, 'defaultSize' | 'look' | 'tell'> {
  readonly source: SiteSource
  /** Makes missing results; if undefined, pictures without results are left as they are or refused. */
  readonly builder?: Pick<PageBuilder, 'build'>
  /** The text of a style sheet that it publishes there. */
  readonly readText: (sitePath: string) => Promise<string | undefined>
  /** The source that an unknown name most likely means. */
  readonly suggest?: ((name: SourceKey) => Promise<string | undefined>) | undefined
}

/** The pages of one run of a site generator, in the order in which they come. */
export type PageSession = ReturnType<typeof openPageSession>

/** Looks up each source once; sources that several pages name at the same time are looked up together. */
export const openPageSession = (options: PageSessionOptions) => {
  const { source: site, defaultSize, builder, look, readText, tell, suggest } = options
  const readPageRules = createReadPageRules(site.addresses, readText)
  let policies: ReturnType<typeof readHeaderPolicies> | undefined
  const known = new Map<SourceKey, PageSource | undefined>()
  const lookUp = joinRequests<SourceKey>(async (sources) => {
    const strange = new Set(sources.filter((source) => !known.has(source)))
    if (strange.size === 0) return
    const found = await site.lookUp(strange)
    for (const source of strange) known.set(source, found.get(source))
  })
  const { all: needs, add: make } = collectNeeds(async (due) => {
    if (builder === undefined) return
    await builder.build(due)
    for (const [source, page] of await site.lookUp(new Set(due.keys()))) known.set(source, page)
  })
  const find = (source: SourceKey): PageSource | undefined => known.get(source)
  return {
    /** What all pages so far show: sizes by source. */
    needs,
    /** A page with its pictures rewritten, as `imgsizes html` does. Problems of a picture are thrown. */
    rewrite: async (text: string, place: Pick<PagePlace, 'path' | 'folder'>): Promise<string> => {
      const page = parsePage(text, place)
      await lookUp(listPageSources(page, site.addresses))
      policies ??= readHeaderPolicies(readText)
      const rules = {
        policies: await policies,
        sources: site.addresses,
        find,
        look,
        readPageRules,
        defaultSize,
        tell: (event: PageEvent) => {
          if (event.kind === 'picture-failed') throw event.problem
          tell(event)
        },
      }
      await make(await listNeeds(page, rules))
      const edits = await rewritePage(page, rules)
      tell({ kind: 'page-done', page: place.path, isChanged: edits.length > 0 })
      return applyEdits(text, edits)
    },
    /** One picture as HTML. Problems `picture-not-built`, `size-not-made`. */
    picture: async (text: string, size = defaultSize, options: PictureOptions): Promise<string> => {
      const source = site.toSource(text)
      await lookUp([source])
      if (find(source) === undefined) return refuseUnknown(source, await suggest?.(source))
      if (!find(source)?.isMade(size)) return refuseSize(source, size)
      await make([{ source, size }])
      const page = find(source)
      if (page?.pictures !== undefined) return page.pictures.picture(source, size, options)
      const why = page?.failure === undefined ? '' : `: ${page.failure}`
      return refuse(source, `was not built${why}`, 'Run imgsizes build first.')
    },
  }
}

const refuseUnknown = (source: SourceKey, meant: string | undefined): never => {
  throw new Problem('picture-not-built', `There is no picture ${source} in the source.`, {
    subject: source,
    hint: meant === undefined ? 'Name it by its path below the source folder.' : `Did you mean ${meant}?`,
  })
}

const refuse = (source: SourceKey, what: string, hint: string): never => {
  throw new Problem('picture-not-built', `${source} ${what}.`, { subject: source, hint })
}

/** No build makes this size, so a URL of it would not work. Problem `size-not-made`. */
export const refuseSize = (source: SourceKey, size: string): never => {
  throw new Problem('size-not-made', `${source} is not made in the size ${size}: its match leaves it out.`, {
    subject: source,
    hint: `Show it in another size, or widen sizes.${size}.match in the configuration.`,
  })
}
