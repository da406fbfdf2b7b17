import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from './folder-problems.ts'

/**
 * Makes a folder and those above it that are missing. Node's `recursive` does the same, but never ends where a file
 * system lets nothing be made and says that the folder above is missing, as `/proc` does.
 */
export const makeFolders = async (path: string): Promise<void> => {
  try {
    await makeOne(path)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolders(dirname(path))
    await makeOne(path)
  }
}

const makeOne = async (path: string): Promise<void> => {
  try {
    await mkdir(path)
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST' || !(await stat(path).catch(() => undefined))?.isDirectory())
      throw error
  }
}
