import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { makeProject } from './support.ts'

/** A namespace of users, which has limits of its own, with no inotify in it. */
const WITHOUT_INOTIFY = ['-Ur', 'sh', '-c', 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', '-']

const canLimit = ((): boolean => {
  try {
    execFileSync('unshare', [...WITHOUT_INOTIFY, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
if (!canLimit)
  process.stderr.write('left out: a system without inotify (needs unshare, and namespaces of users)\n')

test.skipIf(!canLimit)('watch says that the system has no inotify left, and ends', async () => {
  const cwd = await makeProject(['a.jpg'])
  const watch = promisify(execFile)('unshare', [...WITHOUT_INOTIFY, process.execPath, BIN, 'watch'], {
    cwd,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  await expect(watch).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('max_user_instances'),
  })
})
