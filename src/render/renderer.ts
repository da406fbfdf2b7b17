import { encoderVersion } from './encoder-version.ts'
import type { Renderer, RenderLimits, RenderOptions, RenderReport, RenderRequest, Watermark } from './port.ts'
import { type Job, TaskRunner, type TaskRunnerOptions } from './run-task.ts'
import { joinReports, shareOut } from './share.ts'
import type { RenderTask, Task } from './task-messages.ts'

/** What a renderer may use, and how it renders. */
export interface RendererOptions extends TaskRunnerOptions {
  readonly limits: RenderLimits
  /** Whether wide colours are kept, in Display P3, or converted to sRGB. Default `keep`. */
  readonly colors?: 'keep' | 'srgb'
  /** For transforms that name it. */
  readonly watermark?: Watermark
}

/**
 * Renders in processes, one picture in each, which are ended when their time is over. Whoever opens it must close it.
 */
export const openRenderer = (options: RendererOptions): Renderer => {
  const { limits, threads } = options
  const runner = new TaskRunner(options)
  const { processes } = runner
  const timeoutMs = limits.renderTimeoutMs
  return {
    encoderVersion: (format) => processes.encoders?.[format] ?? encoderVersion(format),
    render: (request, given = {}) => render(runner, toTask(request, options), { ...given, threads }),
    inspect: async (bytes, given = {}) => {
      const task: Task = { kind: 'inspect', bytes, limits }
      return (await runner.run('inspected', { ...given, task, timeoutMs })).header
    },
    check: async (bytes) => {
      const task: Task = { kind: 'check', bytes, limits }
      return (await runner.run('checked', { task, timeoutMs })).facts
    },
    probe: () => processes.probe(),
    close: () => processes.close(),
  }
}

const toTask = (
  { bytes, outputs, encoders, wantsPreview, wantsSubjects, wantsScore }: RenderRequest,
  { limits, colors, encodesAtOnce = 1, watermark }: RendererOptions,
): RenderTask => ({
  kind: 'render',
  bytes,
  outputs,
  encoders,
  limits,
  encodesAtOnce,
  ...(colors && { colors }),
  // It is sent only if a transform names one.
  ...(watermark && outputs.some(({ transform }) => transform.watermark !== undefined) && { watermark }),
  ...(wantsPreview && { wantsPreview }),
  ...(wantsSubjects && { wantsSubjects }),
  ...(wantsScore && { wantsScore }),
})

const render = async (
  runner: TaskRunner,
  task: RenderTask,
  { threads, isFollowed, ...given }: RenderOptions & Pick<TaskRunnerOptions, 'threads'>,
): Promise<RenderReport> => {
  const { outputs, limits } = task
  // One output may take the whole time limit; a build asks for many in one request.
  const timeoutMs = limits.renderTimeoutMs * Math.max(1, outputs.length)
  const run = async (job: Job): Promise<RenderReport> => (await runner.run('rendered', job)).report
  let sharing: Sharing | undefined
  const onGranted: Job['onGranted'] = ({ facts }, encodesAtOnce) => {
    // If nobody else waits, other processes would be idle: at the end of a build, or with a single picture.
    const isAlone = !runner.isBusy && !isFollowed?.()
    if (!isAlone || facts === undefined) return undefined
    const shares = shareOut(outputs, facts, Math.ceil(threads / encodesAtOnce))
    if (shares.length < 2) return undefined
    const { wantsPreview: _, wantsSubjects: __, ...plain } = task
    sharing = startOthers(shares, given.signal, (share, signal) =>
      run({ task: { ...plain, share }, timeoutMs, signal }),
    )
    return shares[0]
  }
  try {
    const report = await run({ ...given, task, timeoutMs, onGranted })
    return sharing === undefined ? report : await sharing.join(report)
  } catch (error) {
    sharing?.end(error) // the work of the others is not needed any more
    throw error
  }
}

type Sharing = ReturnType<typeof startOthers>

/** Renders all shares except the first. Work that has begun is finished; only a signal ends a wait. */
const startOthers = (
  shares: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
  run: (share: readonly number[], signal: AbortSignal) => Promise<RenderReport>,
) => {
  const ended = new AbortController()
  const until = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal])
  const others = shares.slice(1).map((share) => run(share, until))
  // The first failure ends all shares, and `join` throws it.
  for (const other of others) other.catch((error: unknown) => ended.abort(error))
  return {
    join: async (first: RenderReport): Promise<RenderReport> =>
      joinReports(shares, [first, ...(await Promise.all(others))]),
    end: (reason: unknown): void => ended.abort(reason),
  }
}
