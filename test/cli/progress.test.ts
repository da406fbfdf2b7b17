import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeProject, writeText } from './support.ts'

const EXECUTABLE = join(import.meta.dirname, '../../bin/imgsizes.cjs')
const SOURCES = 300

test.runIf(process.platform === 'linux')(
  'what goes to stdout of a terminal stands above the bar, each line by itself and none cut off at the edge',
  async () => {
    const cwd = await makeProject([], { sizes: { small: { widths: [16] } } })
    for (let n = 0; n < SOURCES; n++) await writeText(join(cwd, `photos/${n}.jpg`), `${n}`)
    const { CI, ...env } = process.env
    const command = `stty cols 20; '${process.execPath}' '${EXECUTABLE}' plan --verbose`
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { ...env, TERM: 'xterm', NO_COLOR: '1' },
    })
    // The bar ends at the edge: while it is drawn, the terminal does not go on in the next row.
    const [, ...parts] = stdout.split('\x1b[?7')
    const shown = (isCut: boolean): string => parts.filter((part) => part.startsWith('l') === isCut).join('')
    expect(shown(true)).not.toContain('missing')
    expect(shown(false)).toMatch(/missing \d+\.jpg/)
    expect(stdout.match(/missing \d+\.jpg/g)).toHaveLength(SOURCES * 2)
    expect(stdout).not.toMatch(/compared *missing/)
  },
)
