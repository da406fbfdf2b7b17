import type { Override } from '../../core/override.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { type Answerer, createAnswerer } from './answer.ts'
import { renderCold } from './cold.ts'
import { type CurrentKeys, createCurrentKeys } from './current-keys.ts'
import type { TellAnswer } from './event.ts'
import { createEviction, type Eviction } from './eviction.ts'
import { createMaker, type Maker } from './maker.ts'
import type { NamingRules } from './name-key.ts'
import { createOriginParts, type OriginParts, type OriginPartsOptions } from './origin-parts.ts'
import { createSiblings, type Siblings } from './siblings.ts'

/*
 * The way of a request: `read-request` reads, once, which key a URL means (`foreign`, where it is another server's);
 * `answer` verifies the key (`name-key`) and looks in the store (`look-up`). A `maker` makes what is missing, once for
 * all who want it. `cold` does the work, and waits at four gates: memory for the original (`recent-originals`), a turn
 * (`turns`, whose queue has an end), and in the renderer a process, and memory for the decoded picture. Then `uploads`
 * store the result and record it (`batches`).
 */

interface OriginOptions extends OriginPartsOptions {
  readonly naming: NamingRules
  /** What `build` makes of each source. */
  readonly expectation: Expectation
  /** The overrides of a picture as they are now. */
  readonly readOverride: (source: SourceKey, signal: AbortSignal) => Promise<Override | undefined>
}

/** What happens in an origin at this moment. */
export interface OriginLoad {
  readonly running: number
  readonly waiting: number
  readonly uploads: number
}

/** Answers requests for a project's pictures. It does not depend on the protocol. */
export interface Origin extends Pick<OriginParts, 'keyring' | 'outgoing' | 'aliases'> {
  readonly answerer: Answerer
  readonly maker: Maker
  readonly currentKeys?: CurrentKeys
  readonly load: OriginLoad
  readonly isDraining: boolean
  /** Says that a stored result was used, which matters for eviction. */
  noteUse(key: VariantKey): void
  /** Begins no more renders; those that run go on. */
  startDraining(): void
  /** Stores and records what was rendered; rejects where `signal` aborts first. The stores stay open. */
  close(signal: AbortSignal): Promise<void>
}

const RECORD_GRACE_MS = 1_000
const FLUSH_TIMEOUT_MS = 10_000

/** Puts the parts together. Nothing is read or written before the first request, except by the sweeps of eviction. */
export const createOrigin = (options: OriginOptions): Origin => {
  const { config, naming } = options
  let isDraining = false
  const eviction = createCacheEviction(options)
  const tell: TellAnswer = (event) => {
    if (event.kind === 'stored') eviction?.noteStored(event.sizeBytes)
    if ('problem' in event && event.problem.code === 'store-full') eviction?.noteFull()
    if (event.kind === 'rendered') siblings?.noteRender(event.format, event.elapsedMs)
    options.tell(event)
  }
  const parts = createOriginParts({ ...options, tell })
  const { turns, uploads, batches } = parts
  const siblings = createFill(options, parts)
  const maker = createMaker({
    ...parts,
    make: (wanted, signal) => renderCold(wanted, parts, signal),
    isDraining: () => isDraining,
    ...(siblings && { onMiss: ({ variant }) => siblings.noteMiss(variant.source) }),
  })
  const current = createCurrent(options, parts)
  const startDraining = (): void => {
    isDraining = true
    // Work ahead is not waited for here; close() waits for its end.
    siblings?.close().catch((error: unknown) => tell({ kind: 'bug', error }))
  }
  return {
    ...parts,
    ...current,
    maker,
    answerer: createAnswerer({
      ...parts,
      ...naming,
      ...current,
      lookupTimeoutMs: config.limits.fetchTimeoutMs,
      maker,
      ...(eviction && { onHit: (key) => eviction.noteUse(key) }),
    }),
    get load() {
      return { running: turns.load.running, waiting: turns.load.waiting, uploads: uploads.waiting }
    },
    get isDraining() {
      return isDraining
    },
    noteUse: (key) => eviction?.noteUse(key),
    startDraining,
    close: async (signal) => {
      startDraining()
      try {
        await siblings?.close()
        await eviction?.close()
        await closeStoring(parts, signal)
      } finally {
        // What was stored in time is worth a moment more, to be recorded.
        await batches.close(AbortSignal.timeout(signal.aborted ? RECORD_GRACE_MS : FLUSH_TIMEOUT_MS))
      }
    },
  }
}

/** Results first: an alias is a second name of a stored result. */
const closeStoring = async ({ uploads, aliases }: OriginParts, signal: AbortSignal): Promise<void> => {
  try {
    await uploads.close(signal)
  } finally {
    await aliases?.close(signal)
  }
}

const createCacheEviction = (options: OriginOptions): Eviction | undefined => {
  const { config, keyring, output, clock, tell } = options
  // Ages are measured by the clock of the store, which also dates what is stored.
  const storeClock = { ...clock, date: () => clock.date() + output.clockOffsetMs() }
  return (
    config.serve.cache &&
    createEviction({ ...config.serve.cache, store: output, keyring, clock: storeClock, tell })
  )
}

const createFill = (
  { config, expectation, readOverride, output }: OriginOptions,
  parts: OriginParts,
): Siblings | undefined =>
  config.serve.fill === 'siblings'
    ? createSiblings({ parts, expectation, readOverride, store: output })
    : undefined

const createCurrent = (
  { config, originals, rules }: OriginOptions,
  parts: OriginParts,
): { readonly currentKeys?: CurrentKeys } => {
  if (!config.versions || config.dialects.length === 0) return {}
  const { fetchTimeoutMs } = config.limits
  return { currentKeys: createCurrentKeys({ ...parts, originals, versions: rules, fetchTimeoutMs }) }
}
