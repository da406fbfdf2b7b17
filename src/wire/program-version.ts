import { createRequire } from 'node:module'

/** The version of this program, from its package.json. */
export const readProgramVersion = (): string => {
  const { version }: { version: string } = createRequire(import.meta.url)('../../package.json')
  return version
}
