import { openMemoryStore } from '../../src/store/memory.ts'
import { describeStore } from './contract.ts'

describeStore('memory', { open: async () => openMemoryStore(), isFlat: true, runs: 100 })
