import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What a configuration is held against where it is about this machine: absent, names alone are compared. */
export interface ConfigDisk {
  /** `path` without links; of what does not exist yet, as far as it does. */
  readonly realPath: (path: string) => string
  readonly isReadableFile: (path: string) => boolean
}

/** This machine's. Synchronous: a handler in somebody's server is made of its configuration at once. */
export const SYSTEM_DISK: ConfigDisk = {
  realPath: (path) => realPath(path),
  isReadableFile: (path) => isReadableFile(path),
}

const realPath = (path: string): string => {
  try {
    return realpathSync.native(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPath(parent), basename(path))
  }
}

const isReadableFile = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false // whatever keeps it from being read, the path is what to look at
  }
}
