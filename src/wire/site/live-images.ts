import { lookUpSources } from '../../app/site/look-up-sources.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Catalogue, ImageFacts, PageOverride } from '../../page/catalogue.ts'
import { toConfigCatalogue } from '../../page/config-catalogue.ts'
import type { Origins } from '../../page/find-source.ts'
import { openImages } from '../../page/images.ts'
import { toPageOverride } from '../../page/spell-override.ts'
import type { Renderer } from '../../render/port.ts'
import { versionOf } from '../../url/version.ts'
import type { Project } from '../project.ts'

/** URLs and markup directly from a project, for tools that run beside its originals. */
export type LiveImages = ReturnType<typeof openLiveImages>

interface LiveImagesOptions {
  readonly renderer: Pick<Renderer, 'inspect'>
  readonly origins?: Origins
  /** Used instead of the configured one. */
  readonly baseUrl?: string
  /** Whether URLs end in a query that changes with the original, for pages that stay open while it changes. */
  readonly hasVersionQuery?: boolean
}

/** Knows no source at first: call `learn`. */
export const openLiveImages = (project: Project, options: LiveImagesOptions) => {
  const { config, originals, ledger } = project
  const facts = new Map<SourceKey, ImageFacts>()
  const said = new Map<SourceKey, PageOverride | undefined>()
  const catalogue = toConfigCatalogue(config, { ...(options.origins && { origins: options.origins }) })
  return {
    images: openImages({
      ...catalogue,
      baseUrl: options.baseUrl ?? config.baseUrl,
      factsOf: (source) => facts.get(source),
      overrideOf: (source) => said.get(source),
      ...(options.hasVersionQuery && { linkQuery: createVersionQuery(catalogue, facts) }),
    }),
    /** What is shown, in words, where an override says it. */
    altOf: (source: SourceKey): string | undefined => said.get(source)?.alt,
    /** Looks up sources for {@link images} to use; of one that was never built, only its size. */
    learn: async (sources: ReadonlySet<SourceKey>): Promise<void> => {
      await project.overrides.reload()
      for (const source of sources)
        said.set(source, toPageOverride(await project.overrides.read(source), config.sizes))
      const left = new Set(sources)
      for await (const known of lookUpSources({ originals, ledger, revision: config.revision }, sources)) {
        if (known.facts === undefined) continue
        facts.set(known.source, known.facts)
        left.delete(known.source)
      }
      for (const source of left) facts.set(source, await inspect(source, project, options))
    },
  }
}

const createVersionQuery =
  (
    { linkQuery }: Pick<Catalogue, 'linkQuery'>,
    facts: ReadonlyMap<string, ImageFacts>,
  ): Catalogue['linkQuery'] =>
  (key, expires) => {
    const own = linkQuery(key, expires)
    const version = facts.get(key.slice(0, key.lastIndexOf('/')))?.version
    return own === '' && version !== undefined ? `?v=${version}` : own
  }

const inspect = async (
  source: SourceKey,
  { originals, config }: Project,
  { renderer }: LiveImagesOptions,
): Promise<ImageFacts> => {
  const original = await originals.read(source)
  if (original === undefined)
    throw new Problem('source-missing', `${source} does not exist.`, {
      subject: source,
      hint: 'Check the path, and `exclude` in the configuration.',
    })
  const { frames, hasAlpha: _, ...facts } = (await renderer.inspect(original.bytes)).facts
  const version = versionOf(original.fingerprint, config.revision)
  return { ...facts, ...(frames > 1 && { isAnimated: true }), version }
}
