import { dirname, relative, resolve, sep } from 'node:path'
import { formatAdvice } from '../cli/format.ts'
import { loadConfig } from '../config/load.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PictureOptions } from '../page/picture-data.ts'
import type { EleventyConfig, ImgsizesEleventyOptions } from './eleventy-options.ts'
import { type EleventyRun, openEleventyRun } from './eleventy-run.ts'

export type { ImgsizesEleventyOptions } from './eleventy-options.ts'

/**
 * Eleventy plugin: the shortcode `{% picture "cat.jpg", "card", "A cat" %}`, and a transform that rewrites the
 * `<img>` of every page as `imgsizes html` does. What pages show and nobody has built is made.
 */
export const imgsizes = async (
  eleventy: EleventyConfig,
  options: ImgsizesEleventyOptions = {},
): Promise<void> => {
  let opening: Promise<EleventyRun> | undefined
  const open = (): Promise<EleventyRun> => {
    opening ??= openEleventyRun(eleventy, options)
    return opening
  }
  const take = (): Promise<EleventyRun | undefined> => {
    const opened = opening
    opening = undefined
    return opened?.catch(() => undefined) ?? Promise.resolve(undefined) // told to whoever opened it
  }
  // Every build looks anew: the last one may have been before `imgsizes build`, or broken off.
  eleventy.on('eleventy.before', async () => (await take())?.close())
  // With --incremental no page is built for an original that is overwritten: what others have shown is made anew.
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

/** A picture that is overwritten while Eleventy watches is one more reason to build. */
const watchOriginals = async (
  eleventy: EleventyConfig,
  { images, config: configFile }: ImgsizesEleventyOptions,
): Promise<void> => {
  // What is wrong with the configuration is told when a page needs it.
  const config = images === undefined ? await loadConfig({ configFile }).catch(() => undefined) : undefined
  for (const { place } of config?.sources ?? [])
    if (place.kind === 'folder') eleventy.addWatchTarget(`./${toSlashes(relative('.', place.path))}`)
}

const toSlashes = (path: string): string => path.split(sep).join('/')

/** Eleventy prints the message of what is thrown, and nothing else of it. */
const withHint = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Problem ? new Error(formatAdvice(error), { cause: error }) : error
  }
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
