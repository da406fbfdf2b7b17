/**
 * What many workers make of one ledger in a day: names in its folder, and requests an hour, all told. Each looks a
 * source up before it writes a part, as `watch` does.
 *
 *     npm run bench:writers -- [--workers 50] [--hours 24] [--parts 60] [--together]
 *
 * `--parts` an hour of each worker; `--together`: all write at the same moment, the worst of all orders.
 */
import { parseArgs } from 'node:util'
import { createLedger } from '../../src/app/ledger/ledger.ts'
import { spansOfSources } from '../../src/plan/source-span.ts'
import { asCountingStore } from '../support/counting-store.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { createEntries, sourceName } from './generated-site.ts'

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '50' },
    hours: { type: 'string', default: '24' },
    parts: { type: 'string', default: '60' },
    together: { type: 'boolean', default: false },
  },
})
const [WORKERS, HOURS, PARTS] = [values.workers, values.hours, values.parts].map(Number) as [
  number,
  number,
  number,
]
const SOURCES = 1_000_000
const toEntry = createEntries(() => 'headers')

const store = asCountingStore(openMemoryStore())
let now = 1_700_000_000_000
let ids = 0
const openWorker = () => {
  const ledger = createLedger({
    store,
    prefix: '.imgsizes/',
    now: () => now,
    newId: () => String(ids++),
    tell: () => {},
  })
  return { ledger, recorder: ledger.record() }
}
const workers = Array.from({ length: WORKERS }, openWorker)
let sources = 0
const work = async ({ ledger, recorder }: ReturnType<typeof openWorker>): Promise<void> => {
  const number = (sources++ * 7919) % SOURCES
  const snapshot = await ledger.open()
  for await (const _ of snapshot.entries(spansOfSources([sourceName(number)])));
  await recorder.add(toEntry(number))
  await recorder.flush()
}

for (let hour = 1; hour <= HOURS; hour++) {
  store.reset()
  let names = 0
  for (let part = 0; part < PARTS; part++) {
    const stepMs = 3_600_000 / PARTS
    if (values.together) {
      now += stepMs
      await Promise.all(workers.map(work))
    } else
      for (const worker of workers) {
        now += stepMs / WORKERS
        await work(worker)
      }
    let count = 0
    for await (const _ of store.list({ prefix: '.imgsizes/ledger/' })) count++
    names = Math.max(names, count)
  }
  console.log(hour, 'names at most', names, JSON.stringify(store.requests))
}
