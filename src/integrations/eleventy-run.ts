import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { PageNeeds } from '../app/site/page-needs.ts'
import { listSomeSources, suggestSource } from '../cli/known-sources.ts'
import { type Config, folderOf } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { openProjectHere } from '../http/open-project.ts'
import { readHost, toBatchBounds } from '../wire/host.ts'
import { readImagesFile } from '../wire/site/images-files.ts'
import { openPageBuilder, type PageBuilder, toMissingProblem } from '../wire/site/page-builder.ts'
import { openPageSession, type PageSession, type PageSessionOptions } from '../wire/site/page-session.ts'
import { publishFolder } from '../wire/site/publish-folder.ts'
import { createLook } from '../wire/site/site-files.ts'
import {
  openConfigSources,
  openFileSources,
  type SiteOptions,
  type SiteSource,
} from '../wire/site/site-sources.ts'
import type { EleventyConfig, ImgsizesEleventyOptions } from './eleventy-options.ts'
import { openPluginLog, type PluginLog } from './plugin-log.ts'
import { sourceOfFile } from './source-of-file.ts'

/** One build of Eleventy. */
export type EleventyRun = Awaited<ReturnType<typeof openEleventyRun>>

/** Opens the project, or images.json where the options name it. */
export const openEleventyRun = async (eleventy: EleventyConfig, options: ImgsizesEleventyOptions) => {
  const log = openPluginLog({ isVerbose: options.verbose ?? false })
  const prefix = toPrefix(eleventy.pathPrefix)
  const site: SiteOptions = {
    origins: options.origins ?? {},
    pathPrefix: prefix,
    baseUrls: (configured) => toBaseUrls(configured, prefix, eleventy),
  }
  const { source, builder, suggest, toSource, finish, close } =
    options.images === undefined
      ? await openFromConfig(eleventy, { options, site, log })
      : await openFromFiles([options.images].flat(), site)
  const session = openPageSession({
    source,
    defaultSize: chooseSize(options.size, source.sizes),
    ...(builder && { builder: { build: (needs) => log.during(builder.build(needs)) } }),
    suggest,
    ...openPublished(eleventy),
    tell: log.tell,
  })
  return {
    ...session,
    /** Makes again what pages of earlier builds show of the originals among these files. */
    remake: async (shown: PageNeeds, files: readonly string[]): Promise<void> => {
      const changed = new Set(files.map((file) => toSource?.(resolve(file))))
      const due = new Map([...shown].filter(([source]) => changed.has(source)))
      if (builder !== undefined && due.size > 0) await log.during(builder.build(due))
    },
    /** To be called after the last page: publishes what pages show, and prints a summary. Problem `picture-not-built`. */
    finish: async (): Promise<void> => {
      await finish(session)
      log.finish()
    },
    close,
  }
}

interface Opened {
  readonly source: SiteSource
  readonly builder?: Pick<PageBuilder, 'build'>
  readonly suggest?: PageSessionOptions['suggest']
  readonly toSource?: (file: string) => SourceKey | undefined
  readonly finish: (session: PageSession) => Promise<void>
  readonly close: () => Promise<void>
}

const openFromConfig = async (
  eleventy: EleventyConfig,
  { options, site, log }: { options: ImgsizesEleventyOptions; site: SiteOptions; log: PluginLog },
): Promise<Opened> => {
  const config = await loadConfig({ configFile: options.config })
  const project = await openProjectHere(config, 'eleventy', log.tell)
  const builder = openPageBuilder(project, { bounds: toBatchBounds(readHost()), tell: log.tell })
  const isBuilding = options.build !== false
  return {
    source: openConfigSources(project, site),
    ...(isBuilding && { builder }),
    suggest: async (name) =>
      suggestSource(name, (await listSomeSources(project, new AbortController().signal)) ?? []),
    toSource: (file) => sourceOfFile(file, config),
    finish: async ({ needs }) => {
      const missing = isBuilding ? new Map<string, Problem>() : await builder.findMissing(needs)
      if (missing.size > 0) throw toMissingProblem(missing)
      if (options.copy !== false) await publish(config, eleventy)
    },
    close: () => project.close(),
  }
}

const openFromFiles = async (paths: readonly string[], site: SiteOptions): Promise<Opened> => ({
  source: openFileSources(await Promise.all(paths.map(readImagesFile)), site),
  finish: async () => {},
  close: async () => {},
})

const chooseSize = (size: string | undefined, sizes: readonly string[]): string => {
  const chosen = size ?? sizes.find((name) => name === 'content') ?? sizes[0]
  if (chosen !== undefined) return chosen
  throw new Problem('size-unknown', 'The configuration has no sizes.', { hint: 'Add one to `sizes`.' })
}

/** With "/" at both ends. */
const toPrefix = (text = '/'): string => `/${text}/`.replace(/\/{2,}/g, '/')

const isPath = (url: string): boolean => url.startsWith('/') && !url.startsWith('//')

/** The path below the site's root. */
const withoutPrefix = (path: string, prefix: string): string =>
  prefix !== '/' && path.startsWith(prefix) ? path.slice(prefix.length - 1) : path

/**
 * A `baseUrl` that is a path begins at the site's root, which may lie below `pathPrefix`. The HTML Base plugin, where
 * it is used, adds the prefix to what a shortcode writes; the transform comes after that.
 */
const toBaseUrls = (configured: string, prefix: string, eleventy: EleventyConfig) => {
  if (!isPath(configured)) return { placed: configured, written: configured }
  const below = withoutPrefix(configured, prefix)
  const whole = prefix.slice(0, -1) + below
  const isPrefixed = eleventy.hasPlugin?.('@11ty/eleventy/html-base-plugin') ?? false
  return { placed: whole, written: isPrefixed ? below : whole }
}

/** Results that lie elsewhere are copied to where the site needs them. */
const publish = async (
  { output, baseUrl }: Pick<Config, 'output' | 'baseUrl'>,
  eleventy: EleventyConfig,
): Promise<void> => {
  const below = isPath(baseUrl) ? withoutPrefix(baseUrl, toPrefix(eleventy.pathPrefix)) : '/'
  const folder = folderOf(output)
  if (folder === undefined || below === '/') return
  const root = resolve(eleventy.directories?.output ?? '_site')
  if (!relative(root, folder).startsWith('..')) return // inside Eleventy's own output: nothing to copy
  await publishFolder(folder, join(root, decodeURI(below)))
}

/** What a site has at a path: in its output, or in what will be copied there. */
const openPublished = (eleventy: EleventyConfig): Pick<PageSessionOptions, 'look' | 'readText'> => {
  const look = createLook('.')
  const { input = '.', output = '_site' } = eleventy.directories ?? {}
  const listPlaces = (sitePath: string): readonly string[] => [
    join(output, sitePath),
    join(input, sitePath),
    ...Object.entries(eleventy.passthroughCopies ?? {}).flatMap(([from, { outputPath }]) =>
      listCopied(sitePath, from, outputPath),
    ),
  ]
  const findFirst = async <T>(sitePath: string, find: (place: string) => Promise<T | undefined>) => {
    for (const place of listPlaces(sitePath)) {
      const found = await find(place)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    look: (sitePath) => findFirst(sitePath, look),
    readText: (sitePath) => findFirst(sitePath, (place) => readFile(place, 'utf8').catch(() => undefined)),
  }
}

/** The file that is copied to a path; globs and plain names are copied from below the project. */
const listCopied = (sitePath: string, from: string, to: string | boolean): readonly string[] => {
  if (typeof to !== 'string') return [sitePath]
  const folder = to.replace(/^\.?\/+|\/+$/g, '')
  const inside = relative(folder, sitePath)
  return inside.startsWith(`..${sep}`) ? [] : [inside === '' ? from : join(from, inside)]
}
