import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { relative, sep } from 'node:path'
import type { Connect, Plugin } from 'vite'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { Problem } from '../core/problem.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { openOrigin } from '../http/open-origin.ts'
import { systemClock } from '../http/system-clock.ts'
import type { ImportedPicture } from '../page/imported-picture.ts'
import type { Renderer } from '../render/port.ts'
import { type LiveImages, openLiveImages } from '../wire/live-images.ts'
import { openProject, type Project } from '../wire/project.ts'

export type { ImportedPicture } from '../page/imported-picture.ts'

export interface ImgsizesViteOptions {
  /** The configuration file. Default: searched for from Vite's root upwards. */
  readonly config?: string
}

/** Where pictures are in dev, whatever `baseUrl` says. */
const DEV_BASE = '/@imgsizes/'
const DEV_THREADS = 1
const DEV_MEMORY_BYTES = 512 * 1024 * 1024

interface Opened {
  readonly project: Project
  readonly renderer: Renderer
  readonly live: LiveImages
}

/**
 * `import cat from './cat.jpg?imgsizes=card'`: a picture of a source in a configured size, or by a transform. In dev
 * what nobody has built yet is made when the browser asks for it, as `imgsizes serve` would, and stored alike.
 */
export const imgsizes = (options: ImgsizesViteOptions = {}): Plugin => {
  let root = process.cwd()
  let isDev = false
  let opening: Promise<Opened> | undefined
  let closeOrigin = async (): Promise<void> => {}
  const open = (): Promise<Opened> => {
    opening ??= openAll({ root, isDev, configFile: options.config })
    return opening
  }
  const close = async (): Promise<void> => {
    const opened = await opening?.catch(() => undefined) // told to whoever opened it
    opening = undefined
    await closeOrigin()
    await opened?.renderer.close()
    await opened?.project.close()
  }
  return {
    name: 'imgsizes',
    enforce: 'pre',
    configResolved: (config) => {
      root = config.root
      isDev = config.command === 'serve'
    },
    async load(id) {
      const wanted = readImport(id)
      if (wanted === undefined) return undefined
      const { project, live } = await open()
      this.addWatchFile(wanted.file)
      const source = toSource(wanted.file, project.config)
      await live.learn(source)
      return `export default ${JSON.stringify(toImported(live, source, wanted.size))}\n`
    },
    configureServer: (server) => {
      server.middlewares.use(
        answerDev(async () => {
          const { project, renderer } = await open()
          const origin = openOrigin({
            project,
            renderer,
            mount: DEV_BASE,
            threads: DEV_THREADS,
            memoryBytes: DEV_MEMORY_BYTES,
            clock: systemClock,
            tell: () => {},
          })
          closeOrigin = () => origin.close(AbortSignal.timeout(10_000))
          return origin.handle
        }),
      )
    },
    closeBundle: close,
  }
}

export default imgsizes

const openAll = async ({
  root,
  isDev,
  configFile,
}: {
  readonly root: string
  readonly isDev: boolean
  readonly configFile: string | undefined
}): Promise<Opened> => {
  const config = await loadConfig({ cwd: root, configFile })
  const project = await openProject(config, {
    now: Date.now,
    newId: randomUUID,
    programVersion: 'vite',
    tell: () => {},
  })
  const renderer = await project.openRenderer({ threads: DEV_THREADS, memoryBytes: DEV_MEMORY_BYTES })
  return {
    project,
    renderer,
    live: openLiveImages(project, { renderer, ...(isDev && { baseUrl: DEV_BASE }) }),
  }
}

/** The file and the size that an id asks for; undefined for the ids of others. */
const readImport = (id: string): { readonly file: string; readonly size: string } | undefined => {
  const [file = '', query] = id.split('?', 2)
  const size = new URLSearchParams(query).get('imgsizes')
  return size === null ? undefined : { file, size }
}

/** The source that a file is. Problem `source-outside`. */
const toSource = (file: string, { sources }: Config): SourceKey => {
  for (const { name, place } of sources) {
    if (place.kind !== 'folder') continue
    const way = relative(place.path, file).split(sep).join('/')
    const key = way.startsWith('../')
      ? undefined
      : parseSourceKey(name === undefined ? way : `${name}/${way}`)
    if (key !== undefined) return key
  }
  const folders = sources.flatMap(({ place }) => (place.kind === 'folder' ? [place.path] : []))
  throw new Problem(
    'source-outside',
    `${file} lies in no source: ${folders.join(', ') || 'none is a folder'}.`,
    {
      subject: file,
      hint: 'Move it there, or add its folder to `source` in the configuration.',
    },
  )
}

const toImported = ({ images }: LiveImages, source: SourceKey, size: string): ImportedPicture => {
  const { sources, img } = images.sources(source, size, { alt: '' })
  const { alt: _alt, loading: _loading, decoding: _decoding, ...rest } = img
  const placeholder = images.placeholder(source)
  return { sources, img: rest, ...(placeholder !== undefined && { placeholder }) }
}

type Handle = (request: Request, context: { readonly rawTarget: string }) => Promise<Response>

/** Answers what lies under {@link DEV_BASE}; everything else is Vite's. */
const answerDev = (open: () => Promise<Handle>): Connect.NextHandleFunction => {
  let handle: Promise<Handle> | undefined
  return (request, response, next) => {
    const target = request.url ?? ''
    if (!target.startsWith(DEV_BASE)) return next()
    handle ??= open()
    handle.then((answer) => pass(answer, { request, response, target })).catch(next)
  }
}

const pass = async (
  handle: Handle,
  {
    request,
    response,
    target,
  }: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly target: string },
): Promise<void> => {
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !name.startsWith(':') ? [[name, value]] : [],
  )
  const asked = new Request(new URL(target, 'http://localhost'), { method: request.method ?? 'GET', headers })
  const answer = await handle(asked, { rawTarget: target })
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(request.method === 'HEAD' ? undefined : new Uint8Array(await answer.arrayBuffer()))
}
