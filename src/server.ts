import { availableParallelism } from 'node:os'
import type { AnswerEvent } from './app/origin/event.ts'
import { refuseWithBuild } from './app/origin/eviction.ts'
import { mountOf } from './config/base-url.ts'
import type { Config } from './config/config.ts'
import type { ConfigInput } from './config/config-input.ts'
import { SYSTEM_DISK } from './config/disk.ts'
import { resolveConfig } from './config/resolve.ts'
import { requireSecrets } from './config/secrets.ts'
import { Problem } from './core/problem.ts'
import { type RequestContext, toFetchHandler } from './http/fetch-handler.ts'
import type { Handler, HttpAnswer } from './http/http-message.ts'
import { type NodeHandler, toNodeHandler } from './http/node-handler.ts'
import { openHttpOrigin } from './http/open-origin.ts'
import { openProjectHere } from './http/open-project.ts'
import { readPlaceholder } from './http/placeholder-picture.ts'
import type { PlaceholderPicture } from './http/problems.ts'
import { systemClock } from './waiting/system-clock.ts'

export type { AnswerEvent } from './app/origin/event.ts'
export type { Config } from './config/config.ts'
export type { ConfigInput } from './config/config-input.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export { Problem } from './core/problem.ts'
export type { RequestContext } from './http/fetch-handler.ts'
export type { RequestReport } from './http/http-message.ts'

/** What an origin inside another server may use. */
export interface CreateHandlerOptions {
  /** The folder that relative paths of the configuration are relative to. Default: the working directory. */
  readonly root?: string
  /** The path above keys. Default: that of `baseUrl`. */
  readonly mount?: string
  /** How many renders run at once, each in a process. Default: the number of CPUs. */
  readonly threads?: number
  /** The limit of decoded bytes in memory, as predicted. Default 512 MiB. */
  readonly memoryBytes?: number
  /** Called with events of work behind the answers. It must return at once. */
  readonly onEvent?: (event: AnswerEvent) => void
}

/** The origin as a function from `Request` to `Response`, for a server of your own. */
export interface ImgsizesHandler {
  /** Never rejects. The second argument is for servers that know the request target before it was normalised. */
  (request: Request, context?: RequestContext): Promise<Response>
  /** The same for `node:http` and servers built on it: `app.use('/img', handler.node)` in Express. */
  readonly node: NodeHandler
  /** Stores and records what was rendered, within `timeoutMs` (default 25 s), and frees everything. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}

/**
 * Opens an origin with a configuration as `imgsizes.config` exports it, or as {@link loadConfig} returns it. Close it
 * when the server ends, because results are stored after they were answered. Throws where the configuration or an
 * option is wrong, or there is no secret.
 */
export const createHandler = (
  given: ConfigInput | Config,
  options: CreateHandlerOptions = {},
): ImgsizesHandler => {
  const { root = process.cwd(), mount } = options
  checkRoom(options)
  const config =
    'secrets' in given ? given : resolveConfig(given, { root, disk: SYSTEM_DISK, needsSecret: true })
  requireSecrets(config)
  const opening = open(config, {
    options,
    mount: mountOf(config, mount),
    placeholder: readPlaceholder(config),
  })
  opening.catch(() => {}) // each request gets the error
  const handle: Handler = async (request) => (await opening).origin.handle(request)
  return Object.assign(toFetchHandler(handle, systemClock), {
    node: toNodeHandler((request) => handle(request).catch(toServerError)),
    close: async ({ timeoutMs = 25_000 } = {}) => {
      const { origin, renderer, project } = await opening
      try {
        await origin.close(AbortSignal.timeout(timeoutMs))
      } finally {
        await renderer.close()
        await project.close()
      }
    },
  })
}

/**
 * The answer where it could not be opened: `createHandler` has rejected with the reason, which visitors are not told.
 */
const toServerError = (error: unknown): HttpAnswer => ({
  status: 500,
  headers: { 'content-length': '0', 'cache-control': 'no-store' },
  outcome: 'bug',
  error,
})

const checkRoom = ({ threads, memoryBytes }: CreateHandlerOptions): void => {
  if (threads !== undefined && !(Number.isSafeInteger(threads) && threads >= 1))
    throw new Problem('config-invalid', `threads is ${threads}; allowed: a whole number from 1 on.`)
  if (memoryBytes !== undefined && !(memoryBytes > 0))
    throw new Problem('config-invalid', `memoryBytes is ${memoryBytes}; allowed: a number above 0.`)
}

interface Opening {
  readonly options: CreateHandlerOptions
  readonly mount: string
  readonly placeholder: PlaceholderPicture | undefined
}

const open = async (config: Config, { options, mount, placeholder }: Opening) => {
  const { memoryBytes = 512 * 1024 * 1024, onEvent = () => {} } = options
  const threads = options.threads ?? availableParallelism()
  const project = await openProjectHere(config, 'handler', () => {})
  if (config.serve.cache !== undefined) await refuseWithBuild(project.ledger)
  const renderer = project.openRenderer({ threads, memoryBytes })
  const origin = openHttpOrigin({
    project,
    renderer,
    mount,
    threads,
    memoryBytes,
    ...(placeholder && { placeholder }),
    clock: systemClock,
    tell: onEvent,
  })
  return { project, renderer, origin }
}
