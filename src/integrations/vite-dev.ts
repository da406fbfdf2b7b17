import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect } from 'vite'
import { planSources } from '../app/batch/plan.ts'
import type { SourceKey } from '../core/source-key.ts'
import { toNodeHandler } from '../http/node-handler.ts'
import { type HttpOrigin, openHttpOrigin } from '../http/open-origin.ts'
import { compareSources } from '../plan/source-order.ts'
import { parseUrlPath } from '../url/path.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { joinRequests } from '../wire/site/join-requests.ts'
import { DEV_BASE, DEV_MEMORY_BYTES, DEV_THREADS, type ViteRun } from './vite-run.ts'

/** Answers requests below {@link DEV_BASE} as `imgsizes serve` would, but never with an outdated picture. */
export const createDevAnswer = (open: () => Promise<ViteRun>): Connect.NextHandleFunction => {
  let opening: Promise<DevOrigin> | undefined
  return (request, response, next) => {
    const target = request.url ?? ''
    if (!target.startsWith(DEV_BASE)) return next()
    opening ??= open().then(openDevOrigin)
    opening.then((origin) => origin.answer(target, request, response)).catch(next)
  }
}

type DevOrigin = ReturnType<typeof openDevOrigin>

const CLOSING_MS = 10_000

const openDevOrigin = (run: ViteRun) => {
  const { project, renderer, log } = run
  const open = (): HttpOrigin =>
    openHttpOrigin({
      project,
      renderer,
      mount: DEV_BASE,
      threads: DEV_THREADS,
      memoryBytes: DEV_MEMORY_BYTES,
      clock: systemClock,
      tell: () => {},
    })
  let origin = open()
  run.onClose(() => origin.close(AbortSignal.timeout(CLOSING_MS)))
  /** How each original looked when its results were last compared with it. */
  const looks = new Map<SourceKey, string>()
  const refresh = joinRequests<SourceKey>(async (sources) => {
    const changed = await listChanged(new Set(sources), project, looks)
    // A render may be of the original as it was: it is stored first, and then checked with the others.
    if ([...changed.keys()].some((source) => looks.has(source))) {
      await origin.close(AbortSignal.timeout(CLOSING_MS))
      origin = open()
    }
    if (changed.size > 0) await deleteStale([...changed.keys()], { project, tell: log.tell })
    for (const [source, look] of changed) looks.set(source, look)
  })
  const respond = toNodeHandler(async (request) => {
    const answer = await origin.handle(request)
    return { ...answer, headers: { ...answer.headers, 'cache-control': CACHE_CONTROL } }
  })
  return {
    answer: async (target: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const path = parseUrlPath(target.replace(/[?#].*$/s, ''), DEV_BASE)
      const source = path === undefined ? undefined : project.keyring.verify(path)?.variant.source
      if (source !== undefined) await refresh([source])
      await respond(request, response)
    },
  }
}

type Project = ViteRun['project']

const listChanged = async (
  sources: ReadonlySet<SourceKey>,
  { originals }: Pick<Project, 'originals'>,
  looks: ReadonlyMap<SourceKey, string>,
): Promise<ReadonlyMap<SourceKey, string>> => {
  const changed = new Map<SourceKey, string>()
  for (const source of sources) {
    const found = await originals.find(source)
    const look = found === undefined ? '' : `${found.mark} ${found.sizeBytes}`
    if (looks.get(source) !== look) changed.set(source, look)
  }
  return changed
}

/** Deletes results that are not of the originals as they are now; they are made again when somebody asks. */
const deleteStale = async (
  sources: readonly SourceKey[],
  { project, tell }: { readonly project: Project; readonly tell: ViteRun['log']['tell'] },
): Promise<void> => {
  const { results, ledger, keyring } = project
  const plans = planSources({
    ...project.planInput({ selection: { keys: [...sources].sort(compareSources) }, tell }),
    snapshot: await ledger.open(),
  })
  for await (const { group, steps } of plans) {
    const stale = steps.flatMap((step) => {
      if (step.kind === 'drop') return [step.key]
      if (step.kind !== 'render' || step.reason !== 'stale') return []
      if (step.why !== 'original' && step.why !== 'unrecorded') return []
      const { transform, format } = step.result
      return [keyring.keyOf({ source: group.key, transform, format })]
    })
    if (stale.length > 0) await results.store.deleteAll(stale)
  }
}

/** Browsers must ask each time: an original may change at any moment. */
const CACHE_CONTROL = 'no-cache'
