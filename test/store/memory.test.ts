import { randomUUID } from 'node:crypto'
import { openMemoryStore } from '../support/memory-store.ts'
import { describeStore } from './contract.ts'

describeStore('memory', { open: async () => openMemoryStore(), isFlat: true, runs: 100 })

const showing = (showMark: (md5: string) => string) => async () => openMemoryStore({ showMark })

describeStore('memory with marks that look like MD5s', {
  open: showing(() => randomUUID().replaceAll('-', '')),
  isFlat: true,
  runs: 10,
})

describeStore('memory without marks', {
  open: showing(() => ''),
  hasMarks: false,
  isFlat: true,
  runs: 10,
})
