import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MOST_BYTES } from './mutate.ts'

/** What one input takes at most, before its reader is taken to hang. */
const PATIENCE_MS = 60_000

/**
 * Looks on from a thread of its own, for a reader that never ends leaves no turn to a timer: keeps the input in a file,
 * says where, and ends the process.
 */
export const openWatchdog = (name: string): Watchdog => {
  const shared = new SharedArrayBuffer(8 + MOST_BYTES)
  const head = new Int32Array(shared, 0, 2)
  const input = new Uint8Array(shared, 8)
  const file = join(tmpdir(), `imgsizes-hangs-${process.pid}.bin`)
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { shared, name, file, patienceMs: PATIENCE_MS },
  })
  worker.unref()
  return {
    see: (bytes) => {
      input.set(bytes.subarray(0, MOST_BYTES))
      head[1] = bytes.length
      Atomics.add(head, 0, 1)
    },
    close: () => void worker.terminate(),
  }
}

export interface Watchdog {
  /** This is read now. */
  see(bytes: Uint8Array): void
  close(): void
}

const PROGRAM = `
const { workerData } = require('node:worker_threads')
const { writeFileSync, writeSync } = require('node:fs')
const { shared, name, file, patienceMs } = workerData
const head = new Int32Array(shared, 0, 2)
let last = -1
setInterval(() => {
  const now = Atomics.load(head, 0)
  if (now === last) {
    writeFileSync(file, new Uint8Array(shared, 8, head[1]))
    writeSync(2, name + ': no answer in ' + patienceMs / 1000 + ' s to the input in ' + file + '\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  last = now
}, patienceMs)
`
