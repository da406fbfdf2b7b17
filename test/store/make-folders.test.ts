import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolders } from '../../src/store/make-folders.ts'
import { makeFolder } from '../support/folder.ts'

describe('makeFolders', () => {
  it('makes all that are missing, also where others make them at once, and leaves those that are there', async () => {
    const path = join(makeFolder(), 'a', 'b', 'c')
    await Promise.all([makeFolders(path), makeFolders(path), makeFolders(join(path, 'd'))])
    await makeFolders(path)
    expect(statSync(join(path, 'd')).isDirectory()).toBe(true)
  })

  it('fails where a file is in the way', async () => {
    const file = join(makeFolder(), 'file')
    writeFileSync(file, '')
    await expect(makeFolders(file)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolders(join(file, 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it.runIf(process.platform === 'linux')('ends where nothing can be made', async () => {
    await expect(makeFolders('/proc/nothing/here')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
