import type { Expectation } from '../../plan/expected.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { createFlights } from '../../waiting/flights.ts'
import { type Answerer, createAnswerer } from './answer.ts'
import { type ColdOutcome, renderCold } from './cold.ts'
import { type CurrentKeys, createCurrentKeys } from './current-keys.ts'
import type { TellAnswer } from './event.ts'
import { createEviction, type Eviction } from './eviction.ts'
import { createMaker, type Maker } from './maker.ts'
import type { NamingRules } from './name-key.ts'
import { createParts, type Parts, type PartsOptions } from './parts.ts'
import { createSiblings, type Siblings } from './siblings.ts'

/*
 * The way of a request: `read-request` finds which key a URL means (`foreign`, where it is another server's), `answer`
 * verifies it (`name-key`) and looks in the store (`look-up`). What is not there a `maker` has made, once for all who want it,
 * by `cold`: a place in the queue (`turns`), the original (`recent-originals`), the render, and then `uploads`, which store the
 * result and record it (`batches`).
 */

export interface OriginOptions extends PartsOptions {
  readonly naming: NamingRules
  /** What `build` makes of each source. */
  readonly expectation: Expectation
}

/** What goes on in an origin at this moment. */
export interface OriginLoad {
  readonly running: number
  readonly waiting: number
  readonly uploads: number
}

/** Answers for a project, whatever protocol it is asked by. */
export interface Origin extends Pick<Parts, 'keyring' | 'outgoing' | 'aliases'> {
  readonly answerer: Answerer
  readonly maker: Maker
  readonly currentKeys?: CurrentKeys
  readonly load: OriginLoad
  readonly isDraining: boolean
  /** A stored result was used, as far as that matters to what is evicted. */
  noteUse(key: VariantKey): void
  /** Begins no more renders; what is under way goes on. */
  startDraining(): void
  /** Stores what was rendered and records it; rejects where `signal` aborts first. The stores stay open. */
  close(signal: AbortSignal): Promise<void>
}

const RECORD_GRACE_MS = 1_000
const FLUSH_TIMEOUT_MS = 10_000

export const createOrigin = (options: OriginOptions): Origin => {
  const { config, naming } = options
  let isDraining = false
  const eviction = createCacheEviction(options)
  const tell: TellAnswer = (event) => {
    if (event.kind === 'stored') eviction?.noteStored(event.sizeBytes)
    if (event.kind === 'rendered') siblings?.noteRender(event.format, event.elapsedMs)
    options.tell(event)
  }
  const parts = createParts({ ...options, tell })
  const { turns, uploads, batches } = parts
  const siblings = createFill(options, parts)
  const maker = createMaker({
    ...parts,
    flights: createFlights<ColdOutcome>(),
    renderCold: (wanted, signal) => renderCold(wanted, parts, signal),
    isDraining: () => isDraining,
    ...(siblings && { onMiss: ({ variant }) => siblings.noteMiss(variant.source) }),
  })
  const current = createCurrent(options, parts)
  const startDraining = (): void => {
    isDraining = true
    // What nobody asked for yet is not waited for; its end is, by close().
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
        // What was stored in time is worth a moment more.
        await batches.close(AbortSignal.timeout(signal.aborted ? RECORD_GRACE_MS : FLUSH_TIMEOUT_MS))
      }
    },
  }
}

/** Results first: an alias is of one that stands. */
const closeStoring = async ({ uploads, aliases }: Parts, signal: AbortSignal): Promise<void> => {
  try {
    await uploads.close(signal)
  } finally {
    await aliases?.close(signal)
  }
}

const createCacheEviction = ({
  config,
  keyring,
  output,
  clock,
  tell,
}: OriginOptions): Eviction | undefined => {
  // Ages go by the clock that dates what is stored.
  const storeClock = { ...clock, now: () => clock.now() + output.clockOffsetMs() }
  return (
    config.serve.cache &&
    createEviction({ ...config.serve.cache, store: output, keyring, clock: storeClock, tell })
  )
}

const createFill = ({ config, expectation, output }: OriginOptions, parts: Parts): Siblings | undefined =>
  config.serve.fill === 'siblings' ? createSiblings({ parts, expectation, store: output }) : undefined

const createCurrent = (
  { config, originals, rules }: OriginOptions,
  parts: Parts,
): { readonly currentKeys?: CurrentKeys } => {
  if (!config.versions || config.dialects.length === 0) return {}
  const { fetchTimeoutMs } = config.limits
  return { currentKeys: createCurrentKeys({ ...parts, originals, versions: rules, fetchTimeoutMs }) }
}
