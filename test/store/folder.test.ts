import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openFolderStore } from '../../src/store/folder.ts'
import { describeStore } from './contract.ts'

let base = ''
let count = 0
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'imgsizes-folder-'))
})
afterAll(async () => rm(base, { recursive: true, force: true }))
const freshPath = (): string => join(base, String(count++))

describeStore('folder', {
  open: async () => openFolderStore({ path: freshPath(), create: true }),
  openMissing: async () => openFolderStore({ path: freshPath() }),
  isFlat: false,
  runs: 60,
})
