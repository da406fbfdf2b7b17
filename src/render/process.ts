import './loaders.ts'
import type { WorkerTask } from './wire.ts'
import answer from './worker.ts'

/** What a process for drawings runs: one task at a time, as a worker thread does. */
const work = async (task: WorkerTask): Promise<void> => {
  process.send?.(await answer(task))
}

/** Not by `process.exit`, which waits for libuv's threads, and with them for a drawing that takes for ever. */
const end = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

// Sent to us with our parent by whoever stops a service: the parent finishes what is under way, and ends us.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
process.once('disconnect', end)
if (process.connected) process.on('message', (task: WorkerTask) => void work(task))
else end()
