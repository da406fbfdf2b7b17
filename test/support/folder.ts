import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

/** A new folder, which is removed when the test that asks for it has ended. */
export const makeFolder = (): string => makeUntil(onTestFinished)

/** The same for all tests of a file, or of a `describe`. */
export const makeSharedFolder = (): string => makeUntil(afterAll)

const makeUntil = (onEnd: (end: () => void) => void): string => {
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-test-'))
  onEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
