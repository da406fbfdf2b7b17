import { resolve } from 'node:path'
import type { Plugin } from 'vite'
import type { SourceKey } from '../core/source-key.ts'
import { createRuns, withHint } from './plugin-run.ts'
import { createDevAnswer } from './vite-dev.ts'
import type { ImgsizesViteOptions } from './vite-options.ts'
import { openViteRun, type ViteSite } from './vite-run.ts'

export type { ImportedPicture } from '../page/imported-picture.ts'

export type { ImgsizesViteOptions } from './vite-options.ts'

/**
 * `import cat from './cat.jpg?imgsizes=card'`: a picture of a source in a configured size, or by a transform. What
 * nobody has built yet is made: by `vite build` as `imgsizes build` would, in development when the browser asks for it.
 */
export const imgsizes = (options: ImgsizesViteOptions = {}): Plugin => {
  let root = process.cwd()
  let isDev = false
  let site: ViteSite = { base: '/', folders: [] }
  const { open, current, take } = createRuns(() => openViteRun({ ...options, root, isDev, site }))
  return {
    name: 'imgsizes',
    enforce: 'pre',
    configResolved: (config) => {
      root = config.root
      const folders = [config.publicDir, config.build.outDir].filter((folder) => folder !== '')
      site = { base: config.base, folders: folders.map((folder) => resolve(root, folder)) }
      isDev = config.command === 'serve'
    },
    resolveId: (id) => (id.startsWith(PLACEHOLDER) ? `\0${id}` : undefined),
    async load(id) {
      if (id.startsWith(`\0${PLACEHOLDER}`)) {
        const source = decodeURIComponent(id.slice(PLACEHOLDER.length + 1, -SCRIPT.length))
        return `export default ${JSON.stringify((await open()).placeholderOf(source))}\n`
      }
      const wanted = readImport(id)
      if (wanted === undefined) return undefined
      this.addWatchFile(wanted.file)
      return withHint(async () => {
        const run = await open()
        const { source, picture } = await run.load(wanted)
        return toModule(picture, run.placeholderOf(source), isDev ? undefined : source)
      })
    },
    configureServer: (server) => {
      server.middlewares.use(createDevAnswer(open))
      server.watcher.on('change', async (file) => {
        const run = await current()?.catch(() => undefined)
        if (run?.configFile === resolve(file)) await server.restart()
      })
    },
    // Vite empties its own folder in between: what was made there is made again.
    writeBundle: async ({ dir }) => {
      const run = await current()
      if (run !== undefined && dir !== undefined) await withHint(() => run.restore(resolve(root, dir)))
    },
    closeBundle: async () => {
      const run = await take()
      run?.log.finish()
      await run?.close()
    },
  }
}

export default imgsizes

/** The file and the size that a module id asks for; undefined for ids of other plugins. */
const readImport = (id: string): { readonly file: string; readonly size: string } | undefined => {
  const [file = '', query] = id.split('?', 2)
  const size = new URLSearchParams(query).get('imgsizes')
  return size === null ? undefined : { file, size }
}

const PLACEHOLDER = 'virtual:imgsizes/placeholder/'
/** The ending of our module ids: other plugins take a name with a picture's ending for a picture. */
const SCRIPT = '.js'

/** In a bundle the placeholder is a module of its own, so that imports of one picture in several sizes share it. */
const toModule = (
  picture: object,
  placeholder: string | undefined,
  shared: SourceKey | undefined,
): string => {
  if (placeholder === undefined || shared === undefined)
    return `export default ${JSON.stringify({ ...picture, placeholder })}\n`
  const name = JSON.stringify(PLACEHOLDER + encodeURIComponent(shared) + SCRIPT)
  return `import placeholder from ${name}\nexport default { ...${JSON.stringify(picture)}, placeholder }\n`
}
