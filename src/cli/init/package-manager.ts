import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readProgramVersion } from '../../wire/program-version.ts'

/** How a project adds and installs packages, and runs their commands. */
export interface PackageManager {
  readonly add: string
  /** What a machine runs that has Node alone. */
  readonly install: readonly string[]
  readonly run: string
}

const NPM: PackageManager = {
  add: 'npm install --save-dev imgsizes',
  install: ['npm ci'],
  run: 'npx imgsizes',
}

const BY_LOCK_FILE: Readonly<Record<string, PackageManager>> = {
  'package-lock.json': NPM,
  'pnpm-lock.yaml': {
    add: 'pnpm add --save-dev imgsizes',
    install: ['corepack enable', 'pnpm install'],
    run: 'pnpm exec imgsizes',
  },
  'yarn.lock': {
    add: 'yarn add --dev imgsizes',
    install: ['corepack enable', 'yarn install'],
    run: 'yarn imgsizes',
  },
  'bun.lock': {
    add: 'bun add --dev imgsizes',
    install: ['npm install --global bun', 'bun install'],
    run: 'npx imgsizes',
  },
}

/** By the lock file of `root`, or of the workspace above it within the repository; npm where there is none. */
export const findPackageManager = (root: string): PackageManager => {
  const folders = listUpwards(root)
  const isIn = (folder: string, name: string): boolean => existsSync(join(folder, name))
  const [found] = folders.flatMap((folder) =>
    Object.entries(BY_LOCK_FILE).filter(([name]) => isIn(folder, name)),
  )
  if (found !== undefined) return found[1]
  // `npm ci` fails where there is no lock file. A site of plain files has no package.json either.
  const install = folders.some((folder) => isIn(folder, 'package.json'))
    ? 'npm install'
    : `npm install --no-save imgsizes@${readProgramVersion()}`
  return { ...NPM, install: [install] }
}

const listUpwards = (folder: string): readonly string[] => {
  const parent = dirname(folder)
  return parent === folder || existsSync(join(folder, '.git')) ? [folder] : [folder, ...listUpwards(parent)]
}
