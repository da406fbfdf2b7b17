import type { PageEvent } from '../app/page-event.ts'
import { createPageStyles } from '../app/page-styles.ts'
import {
  listNeeds,
  listPageSources,
  type PageSource,
  type PublishedFile,
  parsePage,
  rewritePage,
} from '../app/rewrite-page.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PictureOptions } from '../page/picture-data.ts'
import type { PagePlace } from '../page/site-sources.ts'
import { createBatches } from './batches.ts'
import type { PageBuilder } from './page-builder.ts'
import type { SiteSource } from './site-sources.ts'

export interface PageSessionOptions {
  readonly source: SiteSource
  /** Size of pictures that name none. */
  readonly defaultSize: string
  /** Makes what is missing; undefined: what is missing is left or refused. */
  readonly builder?: Pick<PageBuilder, 'build'>
  /** What the site publishes at a path below its root. */
  readonly look: (sitePath: string) => Promise<PublishedFile | undefined>
  /** The text of what it publishes there, of a style sheet. */
  readonly readText: (sitePath: string) => Promise<string | undefined>
  readonly tell: (event: PageEvent) => void
  /** The source that a name most likely means which is none. */
  readonly suggest?: (name: SourceKey) => Promise<string | undefined>
}

/** The pages of one run of a site generator, as they come. */
export interface PageSession {
  /** What every page so far shows: sizes by source. */
  readonly needs: ReadonlyMap<SourceKey, ReadonlySet<string>>
  /** A page with its pictures rewritten, as `imgsizes html` does it. Problems of a picture are thrown. */
  rewrite(text: string, place: Omit<PagePlace, 'base'>): Promise<string>
  /** One picture as HTML. Problems `picture-not-built`, `size-not-made`. */
  picture(text: string, size: string | undefined, options: PictureOptions): Promise<string>
}

interface Need {
  readonly source: SourceKey
  readonly size: string
}

export const openPageSession = ({
  source: site,
  defaultSize,
  builder,
  look,
  readText,
  tell,
  suggest,
}: PageSessionOptions): PageSession => {
  const styles = createPageStyles(site.addresses, readText)
  const needs = new Map<SourceKey, Set<string>>()
  const known = new Map<SourceKey, PageSource | undefined>()
  const lookUp = createBatches<SourceKey>(async (sources) => {
    const strange = new Set(sources.filter((source) => !known.has(source)))
    if (strange.size === 0) return
    const found = await site.lookUp(strange)
    for (const source of strange) known.set(source, found.get(source))
  })
  const make = createBatches<Need>(async (wanted) => {
    const due = new Map<SourceKey, Set<string>>()
    for (const { source, size } of wanted) {
      if (needs.get(source)?.has(size)) continue
      addTo(needs, source, size)
      addTo(due, source, size)
    }
    if (builder === undefined || due.size === 0) return
    await builder.build(due)
    for (const [source, page] of await site.lookUp(new Set(due.keys()))) known.set(source, page)
  })
  const find = (source: SourceKey): PageSource | undefined => known.get(source)
  return {
    needs,
    rewrite: async (text, place) => {
      const page = parsePage(text, place)
      await lookUp(listPageSources(page, site.addresses))
      const rules = {
        sources: site.addresses,
        find,
        look,
        styles,
        defaultSize,
        tell: (event: PageEvent) => {
          if (event.kind === 'picture-failed') throw event.problem
          tell(event)
        },
      }
      await make(await listNeeds(page, rules))
      const edited = await rewritePage(page, rules)
      tell({ kind: 'page-done', page: place.path, isChanged: edited !== text })
      return edited
    },
    picture: async (text, size = defaultSize, options) => {
      const source = site.toSource(text)
      await lookUp([source])
      if (find(source) === undefined) return refuseUnknown(source, await suggest?.(source))
      if (!find(source)?.isMade(size)) return refuseSize(source, size)
      await make([{ source, size }])
      const page = find(source)
      if (page?.pictures !== undefined) return page.pictures.picture(source, size, options)
      const why = page?.failure === undefined ? '' : `: ${page.failure}`
      return refuse(source, `was not built${why}`, 'Run imgsizes build before.')
    },
  }
}

const addTo = (needs: Map<SourceKey, Set<string>>, source: SourceKey, size: string): void => {
  needs.set(source, (needs.get(source) ?? new Set()).add(size))
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

/** A URL of it would be one that no build makes. Problem `size-not-made`. */
export const refuseSize = (source: SourceKey, size: string): never => {
  throw new Problem('size-not-made', `${source} is not made in the size ${size}: its match leaves it out.`, {
    subject: source,
    hint: `Show it in another size, or widen sizes.${size}.match in the configuration.`,
  })
}
