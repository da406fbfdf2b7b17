import { dirname, relative, resolve, sep } from 'node:path'
import { folderOf } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PictureOptions } from '../page/picture-data.ts'
import type { EleventyConfig, ImgsizesEleventyOptions } from './eleventy-options.ts'
import { type EleventyRun, openEleventyRun } from './eleventy-run.ts'
import { createRuns, withHint } from './plugin-run.ts'

export type { ImgsizesEleventyOptions } from './eleventy-options.ts'

/**
 * Eleventy plugin: the shortcode `{% picture "cat.jpg", "card", "A cat" %}`, and a transform that rewrites the
 * `<img>` of every page as `imgsizes html` does. Pictures that pages show, but nobody has built, are made.
 */
export const imgsizes = async (
  eleventy: EleventyConfig,
  options: ImgsizesEleventyOptions = {},
): Promise<void> => {
  const { open, take } = createRuns(() => openEleventyRun(eleventy, options))
  // Every build opens the project again: `imgsizes build` may have run since, or the last build may have failed.
  eleventy.on('eleventy.before', async () => (await take())?.close())
  // With --incremental no page is built when an original is overwritten: results that earlier builds showed are made
  // again.
  const shown = new Map<SourceKey, ReadonlySet<string>>()
  let changed: readonly unknown[] = []
  eleventy.on('eleventy.beforeWatch', async (files) => {
    changed = Array.isArray(files) ? files : []
  })
  eleventy.on('eleventy.after', async () => {
    const files = changed.filter((file) => typeof file === 'string')
    changed = []
    if (files.length > 0 && shown.size > 0) await open().catch(() => undefined)
    const run = await take()
    if (run === undefined) return
    await withHint(async () => {
      await run.remake(shown, files)
      await run.finish()
      for (const [source, sizes] of run.needs)
        shown.set(source, new Set([...sizes, ...(shown.get(source) ?? [])]))
    }).finally(() => run.close())
  })
  eleventy.addAsyncShortcode('picture', (source: string, ...rest: readonly unknown[]) =>
    withHint(async () => {
      const { size, ...picture } = readArguments(rest)
      return (await open()).picture(source, size, picture)
    }),
  )
  if (options.transform !== false) addTransform(eleventy, open)
  await watchOriginals(eleventy, options)
}

export default imgsizes

const addTransform = (eleventy: EleventyConfig, open: () => Promise<EleventyRun>): void => {
  eleventy.addTransform('imgsizes', function (content) {
    const { inputPath, outputPath } = this.page
    if (outputPath === false || !/\.x?html?$/i.test(outputPath)) return Promise.resolve(content)
    const output = resolve(eleventy.directories?.output ?? '_site')
    const path = toSlashes(relative(output, resolve(outputPath)))
    const folder = toSlashes(dirname(resolve(inputPath)))
    return withHint(async () => (await open()).rewrite(content, { path, folder }))
  })
}

/** A picture that is overwritten while Eleventy watches also starts a build. */
const watchOriginals = async (
  eleventy: EleventyConfig,
  { images, config: configFile }: ImgsizesEleventyOptions,
): Promise<void> => {
  // An error in the configuration is told when a page needs it.
  const config = images === undefined ? await loadConfig({ configFile }).catch(() => undefined) : undefined
  for (const folder of config?.sources.flatMap(({ place }) => folderOf(place) ?? []) ?? [])
    eleventy.addWatchTarget(`./${toSlashes(relative('.', folder))}`)
}

const toSlashes = (path: string): string => path.split(sep).join('/')

/** What a template says of a picture, not checked: `picture` throws where there is no `alt`. */
type TemplateOptions = PictureOptions & { readonly size?: string }

const isOptions = (value: unknown): value is TemplateOptions => typeof value === 'object' && value !== null

/**
 * Liquid has only positional arguments, Nunjucks named ones, too: `"cat.jpg", "card", "A cat"` or
 * `"cat.jpg", size="card", alt="A cat", loading="eager"`.
 */
const readArguments = (given: readonly unknown[]): TemplateOptions => {
  const [size, alt] = given.filter((value) => typeof value === 'string')
  const options: unknown = { size, alt, ...given.find(isOptions) }
  if (!isOptions(options)) throw new Error('a spread is an object')
  return options
}
