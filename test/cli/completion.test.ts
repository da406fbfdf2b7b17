import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { findProgram, installPackages } from '../support/packages.ts'
import { makeFolder, run } from './support.ts'

/** The scripts of `completion`, in the shells that they are for. */

beforeAll(
  () => installPackages({ what: 'zsh and fish', packages: ['zsh', 'fish'], programs: ['zsh', 'fish'] }),
  240_000,
)

/** Runs a script in a shell that finds the program by its name. */
const runIn = async (shell: string, script: string): Promise<readonly string[]> => {
  const folder = await makeFolder()
  await mkdir(join(folder, 'bin'))
  await symlink(BIN, join(folder, 'bin/imgsizes'))
  const { PATH = '' } = process.env
  const env = { PATH: `${join(folder, 'bin')}:${PATH}`, HOME: folder, NO_COLOR: '1' }
  const { stdout } = await promisify(execFile)(findProgram(shell) ?? shell, ['-c', script], {
    env,
    cwd: folder,
  })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('imgsizes completion', () => {
  test('bash: commands, flags of one command, and files where nothing is known', async () => {
    const ask = (words: string, index: number) =>
      runIn(
        'bash',
        `source <(imgsizes completion bash); COMP_WORDS=(${words}); COMP_CWORD=${index}; _imgsizes; printf '%s\\n' "\${COMPREPLY[@]}"`,
      )
    expect(await ask('imgsizes pu', 1)).toEqual(['purge'])
    expect(await ask('imgsizes build --sha', 2)).toEqual(['--shard'])
    expect(await ask('imgsizes build --report x', 3)).toEqual([])
  })

  test('zsh: the same, with what each means', async () => {
    const asked = await runIn(
      'zsh',
      `compdef() {}; _describe() { print -l -- "\${(@P)2}" }; _files() { print files }
      source <(imgsizes completion zsh); words=(imgsizes prune --dry); CURRENT=3; _imgsizes`,
    )
    expect(asked).toContain('--dry-run:Say what would be deleted')
  })

  test('fish: the same, with what each means', async () => {
    const ask = (line: string) => runIn('fish', `imgsizes completion fish | source; complete -C '${line}'`)
    expect(await ask('imgsizes pur')).toEqual([expect.stringMatching(/^purge\t/)])
    expect(await ask('imgsizes prune --dry')).toEqual([expect.stringMatching(/^--dry-run\tSay what would/)])
  })

  test('another shell is wrong usage that says which there are', async () => {
    const { code, stderr } = await run(['completion', 'fis'], { cwd: await makeFolder() })
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('did you mean fish? allowed: bash, zsh, fish'),
    ])
  })
})
