import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { AnswerEvent } from './app/origin/event.ts'
import { refuseWithBuild } from './app/origin/eviction.ts'
import { mountOf } from './config/base-url.ts'
import type { Config } from './config/config.ts'
import { SYSTEM_DISK } from './config/disk.ts'
import { resolveConfig } from './config/resolve.ts'
import type { ConfigInput } from './config/schema.ts'
import { requireSecrets } from './config/secrets.ts'
import { Problem } from './core/problem.ts'
import { type RequestContext, toFetchHandler } from './http/fetch-handler.ts'
import type { Handler, HttpAnswer } from './http/message.ts'
import { type NodeHandler, toNodeHandler } from './http/node-handler.ts'
import { openHttpOrigin, toMount } from './http/open-origin.ts'
import { readPlaceholder } from './http/placeholder.ts'
import type { Placeholder } from './http/problems.ts'
import { systemClock } from './waiting/system-clock.ts'
import { openProject } from './wire/project.ts'

export type { AnswerEvent } from './app/origin/event.ts'
export type { Config } from './config/config.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export type { ConfigInput } from './config/schema.ts'
export { Problem } from './core/problem.ts'
export type { RequestContext } from './http/fetch-handler.ts'
export type { RequestReport } from './http/report.ts'

export interface CreateHandlerOptions {
  /** Folder that relative paths of the configuration are relative to. Default: the working directory. */
  readonly root?: string
  /** Path that the keys lie under. Default: that of `baseUrl`. */
  readonly mount?: string
  /** Renders at once, a process each. Default: the CPUs. */
  readonly threads?: number
  /** Predicted decoded bytes in flight. Default 512 MiB. */
  readonly memoryBytes?: number
  /** Told of what goes on behind the answers. It returns at once. */
  readonly onEvent?: (event: AnswerEvent) => void
}

/** The origin as a function from `Request` to `Response`, to be mounted in a server of your own. */
export interface ImgsizesHandler {
  /** Never rejects. The second argument is for servers that know the request target before it was normalised. */
  (request: Request, context?: RequestContext): Promise<Response>
  /** The same for `node:http` and what is built on it: `app.use('/img', handler.node)` of Express. */
  readonly node: NodeHandler
  /** Stores and records what was rendered, for as long as `timeoutMs` (default 25 s) allows, and frees everything. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
}

/**
 * Opens an origin on a configuration as `imgsizes.config` would export it, or as {@link loadConfig} gives it. Close it when the server ends: results
 * are stored after they were answered. Throws where the configuration is wrong or has no secret, or an option is.
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
    mount: mount === undefined ? mountOf(config) : toMount(mount),
    placeholder: readPlaceholder(config),
  })
  opening.catch(() => {}) // whoever asks for something is told
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

/** It could not be opened: `createHandler` has told so by its first rejection, and a visitor is told no more. */
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
  readonly placeholder: Placeholder | undefined
}

const open = async (config: Config, { options, mount, placeholder }: Opening) => {
  const { memoryBytes = 512 * 1024 * 1024, onEvent = () => {} } = options
  const threads = options.threads ?? availableParallelism()
  const project = await openProject(config, {
    now: systemClock.now,
    newId: randomUUID,
    programVersion: 'handler',
    tell: () => {},
  })
  if (config.serve.cache !== undefined) await refuseWithBuild(project.ledger)
  const renderer = await project.openRenderer({ threads, memoryBytes })
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
