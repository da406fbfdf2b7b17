import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { listSources, type PageSource, rewritePage } from '../app/rewrite-page.ts'
import { loadConfig } from '../config/load.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Origins } from '../page/find-source.ts'
import type { PictureOptions } from '../page/picture-data.ts'
import { openProject } from '../wire/project.ts'
import { openConfigSources, openFileSources, type SiteSource } from '../wire/site-sources.ts'

export interface ImgsizesEleventyOptions {
  /** The configuration file. Default: searched for from the working folder upwards. */
  readonly config?: string
  /** images.json in place of the configuration and its ledger: needs neither secret nor originals. */
  readonly images?: string
  /** URLs under which originals are known; see `createImages`. */
  readonly origins?: Origins
  /** Size of pictures that name none. Default `content`, else the first. */
  readonly size?: string
  /** Rewrite the `<img>` of every page. Default true. */
  readonly transform?: boolean
}

/** As much of Eleventy's configuration as is used here; its package has no types. */
export interface EleventyConfig {
  on(event: string, listener: () => Promise<void>): unknown
  addAsyncShortcode(name: string, render: (source: string, ...rest: unknown[]) => Promise<string>): unknown
  addTransform(name: string, transform: (this: PageOfEleventy, content: string) => Promise<string>): unknown
  readonly directories?: { readonly output: string }
}

interface PageOfEleventy {
  readonly page: { readonly outputPath: string | false }
}

interface Opened {
  readonly source: SiteSource
  readonly size: string
  /** What was looked up in this build. */
  readonly known: Map<SourceKey, PageSource | undefined>
  close(): Promise<void>
}

/**
 * Eleventy plugin: the shortcode `{% picture "cat.jpg", "card", "A cat" %}`, and a transform that rewrites the
 * `<img>` of every page as `imgsizes html` does. Pictures are built by `imgsizes build`.
 */
export const imgsizes = (eleventy: EleventyConfig, options: ImgsizesEleventyOptions = {}): void => {
  let opening: Promise<Opened> | undefined
  const open = (): Promise<Opened> => {
    opening ??= openAll(options)
    return opening
  }
  // Every build looks anew: the last one may have been before `imgsizes build`.
  const close = async (): Promise<void> => {
    const opened = await opening?.catch(() => undefined) // told to whoever opened it
    opening = undefined
    await opened?.close()
  }
  eleventy.on('eleventy.before', close)
  eleventy.on('eleventy.after', close)
  eleventy.addAsyncShortcode('picture', async (source: string, ...rest: readonly unknown[]) =>
    writePicture(await open(), source, readArguments(rest)),
  )
  if (options.transform === false) return
  eleventy.addTransform('imgsizes', async function (content) {
    const { outputPath } = this.page
    if (outputPath === false || !/\.x?html?$/i.test(outputPath)) return content
    const output = resolve(eleventy.directories?.output ?? '_site')
    const page = relative(output, resolve(outputPath)).split(sep).join('/')
    return rewriteContent(await open(), page, content)
  })
}

export default imgsizes

const openAll = async ({
  config: configFile,
  images,
  origins = {},
  size,
}: ImgsizesEleventyOptions): Promise<Opened> => {
  const { source, close } =
    images === undefined ? await openFromConfig(configFile, origins) : await openFromFile(images, origins)
  const chosen = size ?? source.sizes.find((name) => name === 'content') ?? source.sizes[0]
  if (chosen === undefined)
    throw new Problem('size-unknown', 'The configuration has no sizes.', { hint: 'Add one to `sizes`.' })
  return { source, close, size: chosen, known: new Map() }
}

const openFromConfig = async (configFile: string | undefined, origins: Origins) => {
  const config = await loadConfig({ configFile })
  const surroundings = { now: Date.now, newId: randomUUID, programVersion: 'eleventy', tell: () => {} }
  const project = await openProject(config, surroundings)
  return { source: openConfigSources(project, { origins }), close: () => project.close() }
}

const openFromFile = async (path: string, origins: Origins) => {
  const file = JSON.parse(await readFile(path, 'utf8'))
  return { source: openFileSources([file], { origins }), close: async () => {} }
}

/** Looks up what this build has not looked up yet. */
const lookUp = async (
  { source, known }: Opened,
  wanted: ReadonlySet<SourceKey>,
): Promise<ReadonlyMap<SourceKey, PageSource>> => {
  const strange = new Set([...wanted].filter((key) => !known.has(key)))
  if (strange.size > 0) {
    const found = await source.lookUp(strange)
    for (const key of strange) known.set(key, found.get(key))
  }
  return new Map(
    [...wanted].flatMap((key) => {
      const page = known.get(key)
      return page === undefined ? [] : [[key, page] as const]
    }),
  )
}

/** What a template says of a picture, unchecked: `picture` throws where there is no `alt`. */
type TemplateOptions = PictureOptions & { readonly size?: string }

const isOptions = (value: unknown): value is TemplateOptions => typeof value === 'object' && value !== null

/**
 * Liquid has positions alone, Nunjucks named arguments, too: `"cat.jpg", "card", "A cat"` or
 * `"cat.jpg", size="card", alt="A cat", loading="eager"`.
 */
const readArguments = (given: readonly unknown[]): TemplateOptions => {
  const [size, alt] = given.filter((value) => typeof value === 'string')
  const options: unknown = { size, alt, ...given.find(isOptions) }
  if (!isOptions(options)) throw new Error('a spread is an object')
  return options
}

const writePicture = async (
  opened: Opened,
  text: string,
  { size = opened.size, ...options }: TemplateOptions,
): Promise<string> => {
  const key = opened.source.toSource(text)
  const page = (await lookUp(opened, new Set([key]))).get(key)
  if (page?.pictures !== undefined) return page.pictures.picture(key, size, options)
  throw new Problem('picture-not-built', `${key} ${page === undefined ? 'is not there' : 'was not built'}.`, {
    subject: key,
    hint: 'Check the path, and run imgsizes build before Eleventy.',
  })
}

/** One page, as `imgsizes html` does it. */
const rewriteContent = async (opened: Opened, path: string, content: string): Promise<string> => {
  const wanted = new Set(listSources(content, { path }, opened.source.addresses))
  const known = await lookUp(opened, wanted)
  return rewritePage(
    content,
    { path },
    {
      sources: opened.source.addresses,
      find: (source) => known.get(source),
      look: async () => undefined,
      defaultSize: opened.size,
      tell: (event) => {
        if (event.kind === 'picture-failed') throw event.problem
      },
    },
  )
}
