import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openFolderStore } from '../../src/store/folder.ts'
import { makeFolder } from '../support/folder.ts'

describe('a stream of a file', () => {
  it('closes its file once, also where it is left in the middle of a read', async () => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'a'), Buffer.alloc(600_000, 1))
    const store = openFolderStore({ path: folder })
    for (let attempt = 0; attempt < 50; attempt++) {
      const reader = (await store.open('a'))?.body.getReader()
      for (let read = 0; read < attempt % 4; read++) await reader?.read()
      await reader?.cancel()
      // It gets the number of the file that was just closed.
      const other = openSync(join(folder, 'a'), 'r')
      for (let turn = 0; turn < 5; turn++) await setImmediate()
      expect(() => fstatSync(other), `attempt ${attempt}`).not.toThrow()
      closeSync(other)
    }
  })
})
