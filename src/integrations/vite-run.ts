import { relative } from 'node:path'
import type { PageNeeds } from '../app/site/page-needs.ts'
import { type Config, folderOf, type Place } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { openProjectHere } from '../http/open-project.ts'
import type { ImportedPicture } from '../page/imported-picture.ts'
import { toSmallPlaceholderUrl } from '../page/placeholder.ts'
import { readHost, toBatchBounds } from '../wire/host.ts'
import type { Project } from '../wire/project.ts'
import { collectNeeds, joinRequests } from '../wire/site/join-requests.ts'
import { type LiveImages, openLiveImages } from '../wire/site/live-images.ts'
import { openPageBuilder } from '../wire/site/page-builder.ts'
import { refuseSize } from '../wire/site/page-session.ts'
import { isMade } from '../wire/site/site-sources.ts'
import { openPluginLog, type PluginLog } from './plugin-log.ts'
import { sourceOfFile } from './source-of-file.ts'
import type { ImgsizesViteOptions } from './vite-options.ts'

/** The path of pictures in development, whatever `baseUrl` says. */
export const DEV_BASE = '/@imgsizes/'
/** Renders at once in development: the browser and Vite need the machine, too. */
export const DEV_THREADS = 1
/** Memory of renders in development. */
export const DEV_MEMORY_BYTES = 512 * 1024 * 1024

/** How Vite's configuration publishes files. */
export interface ViteSite {
  /** What their URLs begin with. */
  readonly base: string
  /** The folders where they lie, or are written. */
  readonly folders: readonly string[]
}

/** One run of Vite: a build, or a server until it ends. */
export type ViteRun = Awaited<ReturnType<typeof openViteRun>>

/** Opens the project of a Vite run. */
export const openViteRun = async (
  options: ImgsizesViteOptions & { readonly root: string; readonly isDev: boolean; readonly site: ViteSite },
) => {
  const { root, isDev, site, config: configFile, build = true, verbose = false } = options
  const log = openPluginLog({ isVerbose: verbose })
  const config = await loadConfig({ cwd: root, configFile })
  const open = (): Promise<Project> => openProjectHere(config, 'vite', log.tell)
  const project = await open()
  const renderer = project.openRenderer({ threads: DEV_THREADS, memoryBytes: DEV_MEMORY_BYTES })
  const live = openLiveImages(project, {
    renderer,
    ...(isDev ? { baseUrl: DEV_BASE, hasVersionQuery: true } : { baseUrl: toBaseUrl(config, site) }),
  })
  const maker = isDev ? undefined : openMaker(project, { isBuilding: build, log })
  const closing: (() => Promise<void>)[] = []
  const learn = joinRequests<SourceKey>((sources) => live.learn(new Set(sources)))
  return {
    project,
    renderer,
    log,
    configFile: config.file,
    /** Problems `source-outside`, `size-unknown`, `size-not-made`, `picture-not-built`, and errors of the render. */
    load: async ({ file, size }: { readonly file: string; readonly size: string }) => {
      const source = toSource(file, config)
      if (size === '') refuseNoSize(source, config)
      if (!isMade(config.sizes, size, source)) refuseSize(source, size)
      await maker?.make(source, size)
      await learn([source])
      return { source, picture: toImported(live, source, size) }
    },
    /** A blurred preview of a loaded picture, as a data URL. */
    placeholderOf: (source: string): string | undefined => {
      const thumbhash = live.images.facts(source)?.thumbhash
      return thumbhash === undefined ? undefined : toSmallPlaceholderUrl(thumbhash)
    },
    /** Makes loaded pictures again that were written into this folder. */
    restore: async (folder: string): Promise<void> => {
      if (!isWithin(folder, config.output)) return
      // The open project assumes that a folder into which it has written still exists.
      const again = await open()
      await maker?.restore(again).finally(() => again.close())
    },
    /** `close` is called and awaited before the project is closed. */
    onClose: (close: () => Promise<void>): void => void closing.push(close),
    close: async (): Promise<void> => {
      for (const close of closing) await close()
      await renderer.close()
      await project.close()
    },
  }
}

const refuseNoSize = (source: SourceKey, { sizes }: Config): never => {
  const names = sizes.map(({ name }) => `?imgsizes=${name}`).join(', ')
  throw new Problem('size-unknown', `${source} is imported with ?imgsizes, which names no size.`, {
    subject: source,
    hint: `Write ${names === '' ? 'a transform, such as ?imgsizes=640w.q80' : names}.`,
  })
}

/** Whether results lie in this folder. */
const isWithin = (folder: string, output: Place): boolean => {
  const results = folderOf(output)
  return results !== undefined && !relative(folder, results).startsWith('..')
}

/** Results that are published with the site get Vite's `base` before their path, as everything that it publishes. */
const toBaseUrl = ({ baseUrl, output }: Config, { base, folders }: ViteSite): string => {
  const isPublished = folders.some((folder) => isWithin(folder, output))
  const isPath = /^\/(?!\/)/.test(baseUrl)
  if (!isPublished || !isPath || base.startsWith('.') || baseUrl.startsWith(base)) return baseUrl
  return base.replace(/\/$/, '') + baseUrl
}

/** Makes what is loaded, or says what is missing; requests that come meanwhile are made together. */
const openMaker = (
  project: Project,
  { isBuilding, log }: { readonly isBuilding: boolean; readonly log: PluginLog },
) => {
  const failures = new Map<SourceKey, Problem>()
  const run = async (due: PageNeeds, on: Project): Promise<void> => {
    const builder = openPageBuilder(on, { bounds: toBatchBounds(readHost()), tell: log.tell })
    const found = isBuilding ? log.during(builder.build(due)) : builder.findMissing(due)
    for (const [source, problem] of await found) failures.set(source, problem)
  }
  const { all, add } = collectNeeds((due) => run(due, project))
  return {
    make: async (source: SourceKey, size: string): Promise<void> => {
      await add([{ source, size }])
      const failure = failures.get(source)
      if (failure !== undefined) throw failure
    },
    restore: (on: Project) => run(all, on),
  }
}

const toSource = (file: string, { sources }: Config): SourceKey => {
  const source = sourceOfFile(file, { sources })
  if (source !== undefined) return source
  const folders = sources.flatMap(({ place }) => folderOf(place) ?? [])
  throw new Problem(
    'source-outside',
    `${file} is in none of the folders of \`source\`: ${folders.join(', ') || 'none is a folder'}.`,
    { subject: file, hint: 'Move it there, or add its folder to `source` in the configuration.' },
  )
}

const toImported = (
  { images, altOf }: LiveImages,
  source: SourceKey,
  size: string,
): Omit<ImportedPicture, 'placeholder'> => {
  const { sources, img } = images.sources(source, size, { alt: '' })
  const { alt: _alt, loading: _loading, decoding: _decoding, ...rest } = img
  const alt = altOf(source)
  return { sources, img: { ...rest, alt } }
}
