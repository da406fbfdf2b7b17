import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** How a configuration looks at the disk of this machine; without it, only names are compared. */
export interface ConfigDisk {
  /** `path` with all links resolved; where it does not exist, as far as it does. */
  readonly realPath: (path: string) => string
  readonly isReadableFile: (path: string) => boolean
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
    return false // whatever the reason, the user has to look at the path
  }
}

/** The disk of this machine. Synchronous, because a handler inside another server is made at once. */
export const SYSTEM_DISK: ConfigDisk = { realPath, isReadableFile }
