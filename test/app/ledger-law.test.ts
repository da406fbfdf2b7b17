import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLedger } from '../../src/app/ledger.ts'
import { parseSourceKey } from '../../src/core/source-key.ts'
import { emptyEntry } from '../../src/plan/ledger-entry.ts'
import { openMemoryStore } from '../../src/store/memory.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { createTextRenderer, openBench, picture, putText } from '../support/bench-project.ts'
import { asDatedStore } from '../support/dated-store.ts'
import { asGatedStore, type Gate } from '../support/gated-store.ts'
import { collect } from '../support/streams.ts'

/**
 * The laws Ledger, Stale and Crash: two builds and a serve work on one output while the source is replaced and
 * processes are killed, every store operation being a point where another may step in. Afterwards one undisturbed
 * build leaves every result equal to the current source.
 */

const SOURCES = ['a.jpg', 'a.jpg-2.jpg']
// Most happens to one source, where writers meet.
const BUSY = fc.constantFrom('a.jpg', 'a.jpg', 'a.jpg', 'a.jpg-2.jpg')

class Killed extends Error {}

interface Actor {
  isKilled: boolean
}

const gateOf = (scheduler: fc.Scheduler, actor: Actor, killAfter: number): Gate => {
  let operations = 0
  return async (name) => {
    await scheduler.schedule(Promise.resolve(), name)
    if (++operations > killAfter) actor.isKilled = true
    if (actor.isKilled) throw new Killed(name)
  }
}

/** A serve as it meets the store: reads, renders, writes if nobody has, records in a while. */
const serveOnce = async (
  stores: { source: WritableStore; output: WritableStore; plain: WritableStore },
  gate: Gate,
  request: { source: string; width: number },
): Promise<void> => {
  const bench = openBench({
    source: stores.source,
    output: stores.output,
    renderer: createTextRenderer(() => gate('render')),
  })
  const key = parseSourceKey(request.source)
  const source = key && (await bench.originals.read(key))
  if (source === undefined) return
  const transform = { resize: { kind: 'width' as const, width: request.width }, quality: 80 }
  const report = await bench.renderer.render({
    bytes: source.bytes,
    outputs: [{ transform, format: 'webp' }],
    encoders: bench.config.encoders,
  })
  const [output] = report.outputs
  if (output === undefined || !('bytes' in output)) return
  const resultKey = bench.keyring.keyOf({ source: source.source.key, transform, format: 'webp' })
  const record = await bench.results.put(resultKey, output.bytes, {
    origin: {
      transform: `${request.width}w.q80`,
      format: 'webp',
      fingerprint: source.fingerprint,
      recipe: bench.rules.recipeOf('webp', '640w.q80'),
      encoder: 'text 1',
      maker: 'serve',
    },
    createOnly: true,
  })
  if (record === undefined) return
  const recorder = bench.ledger.record()
  await recorder.add({ ...emptyEntry(source.source.key), results: [record] })
  await recorder.flush()
}

const run = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    // A killed process says nothing; a build whose ledger part met a damaged one is no case here.
    if (!(error instanceof Killed)) throw error
  }
}

describe.each(['content', 'date'] as const)('over a store that shows its objects by %s', (marks) => {
  it('one undisturbed build puts everything right after any interleaving', { timeout: 120_000 }, async () => {
    const kill = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 60 }))
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.tuple(kill, kill, kill),
        fc.array(
          fc.tuple(
            fc.constantFrom(...SOURCES),
            fc.constantFrom('two', 'one', 'six', 'gone'),
            fc.nat({ max: 25 }),
          ),
          {
            maxLength: 5,
          },
        ),
        fc.tuple(BUSY, fc.constantFrom(320, 777)),
        fc.boolean(),
        async (scheduler, [killA, killB, killServe], replacements, [served, width], isBuiltBefore) => {
          const plainSource = openMemoryStore()
          const plainOutput = openMemoryStore()
          const dated = marks === 'date'
          const source = dated ? asDatedStore(plainSource) : plainSource
          const output = dated ? asDatedStore(plainOutput) : plainOutput
          for (const key of SOURCES) await putText(source, key, 'one')
          if (isBuiltBefore) await openBench({ source, output }).build()

          const through = (gate: Gate) => ({
            source: asGatedStore(source, gate),
            output: asGatedStore(output, gate),
            plain: output,
          })
          const builds = [killA, killB].map((killAfter) => {
            const gate = gateOf(scheduler, { isKilled: false }, killAfter)
            const stores = through(gate)
            return run(() =>
              openBench({ ...stores, renderer: createTextRenderer(() => gate('render')) }).build(),
            )
          })
          const serveGate = gateOf(scheduler, { isKilled: false }, killServe)
          const serving = run(() => serveOnce(through(serveGate), serveGate, { source: served, width }))
          const replacing = (async () => {
            for (const [key, text, delay] of replacements) {
              for (let i = 0; i < delay; i++) await scheduler.schedule(Promise.resolve(), 'time goes by')
              await scheduler.schedule(Promise.resolve(), `replace ${key}`)
              if (text === 'gone') await source.deleteAll([key])
              else await putText(source, key, text)
            }
          })()
          await scheduler.waitFor(Promise.all([...builds, serving, replacing]))

          const last = openBench({ source, output })
          await last.build()
          for await (const { key, variant, transformText } of last.results.list({})) {
            const original = await source.get(variant.source)
            if (original === undefined) continue // an orphan, for prune
            const shown = new TextDecoder().decode((await output.get(key))?.bytes)
            const quality = transformText.split('q')[1] ?? ''
            expect(shown, key).toBe(
              picture(new TextDecoder().decode(original.bytes), quality, variant.format),
            )
          }
          const { counts } = await last.plan()
          expect(counts).toMatchObject({
            missing: 0,
            stale: 0,
            copy: 0,
            touch: 0,
            drop: 0,
            present: counts.expected,
          })
        },
      ),
      { numRuns: 600 },
    )
  })
})

describe('ledger', () => {
  it('merges its parts as builds go by, and loses nothing', async () => {
    let now = 1_700_000_000_000
    const source = openMemoryStore()
    const output = asDatedStore(openMemoryStore())
    for (const key of SOURCES) await putText(source, key, 'one')
    const bench = () => {
      now += 3_600_000
      return openBench({ source, output, now: () => now })
    }
    for (let round = 0; round < 12; round++) {
      await putText(source, 'a.jpg', `round ${round}`)
      await bench().build()
    }
    const ledger = createLedger({
      store: output,
      prefix: '.imgsizes/',
      now: () => now,
      newId: () => 'x',
      tell: () => {},
    })
    const entries = await collect((await ledger.open()).entries())
    expect(entries.map((entry) => entry.source)).toEqual(['a.jpg-2.jpg', 'a.jpg'])
    // Twelve rounds of replacing leave far fewer statements than they made: the merge keeps what still holds.
    expect(entries.find((entry) => entry.source === 'a.jpg')?.results.length).toBeLessThan(12 * 4)
    const { counts } = await bench().plan()
    expect(counts).toMatchObject({ present: 8, missing: 0, stale: 0 })
  })
})
