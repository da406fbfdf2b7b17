import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** A program of Debian's that tests run for real. */
export interface NeededPackages {
  /** What for, in words: `an S3 server`. */
  readonly what: string
  readonly packages: readonly string[]
  /** Where one of them is missing, the packages are installed. */
  readonly programs: readonly string[]
  /** Files, such as a server's modules, of which the same is true. */
  readonly files?: readonly string[]
  /** Said besides, to who has to install them by hand. */
  readonly otherwise?: string
}

const run = promisify(execFile)

/** Of the administrator's folders, too: servers live there, and a user's PATH may not name them. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

export const isInstalled = (program: string): boolean => findProgram(program) !== undefined

export const findProgram = (program: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path))

/** Installs Debian's packages as root, and says so; elsewhere fails with the one line to run. */
export const installPackages = async ({
  what,
  packages,
  programs,
  files = [],
  otherwise = '',
}: NeededPackages): Promise<void> => {
  if (programs.every(isInstalled) && files.every((file) => existsSync(file))) return
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
    throw new Error(
      `the tests need ${what}. On Debian or Ubuntu run\n\n    sudo apt-get update && sudo ${install}\n\n${otherwise}`,
    )
  console.error(`installing ${what} that the tests need: ${install}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Test files run at once, and apt takes one at a time. What was installed while we waited is installed again: a no-op.
  const lock = join(tmpdir(), 'imgsizes-apt.lock')
  await run('flock', [lock, 'sh', '-c', `apt-get update && ${install}`], { env, maxBuffer: 1e8 })
}
