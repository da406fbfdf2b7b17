import { openMemoryQueue } from '../../src/queue/memory.ts'
import { queueContract } from './contract.ts'

queueContract('a queue in memory', {
  open: async ({ mostReceives }) =>
    openMemoryQueue({
      visibilityMs: 2_000,
      ...(mostReceives !== undefined && { mostReceives, deadLetters: openMemoryQueue() }),
    }),
})
