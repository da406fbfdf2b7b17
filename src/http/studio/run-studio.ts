import { randomBytes } from 'node:crypto'
import type { Tell } from '../../app/event.ts'
import { untilAborted } from '../../waiting/signals.ts'
import { systemClock } from '../../waiting/system-clock.ts'
import type { StudioRunOptions } from '../../wire/long-run-options.ts'
import { openStudio } from '../../wire/studio.ts'
import { openLog } from '../log.ts'
import { openProjectHere } from '../open-project.ts'
import { logWork } from '../watch-log.ts'
import { listenStudio } from './listen.ts'
import { readPageFiles } from './studio-page.ts'

/** 192 bits. */
const TOKEN_BYTES = 24

/** Runs the studio until `stop` aborts. Rejects with a Problem where it cannot start. */
export const runStudio = async (options: StudioRunOptions, stop: AbortSignal): Promise<'drained'> => {
  const { config, programVersion, threads, memoryBytes, port } = options
  const files = readPageFiles()
  const log = openLog({
    ...config.serve.log,
    level: options.verbose ? 'info' : 'error',
    json: options.json,
    random: systemClock.random,
  })
  const tell: Tell = (event) => logWork(log, event)
  const project = await openProjectHere(config, programVersion, tell)
  try {
    const opened = await openStudio(project, {
      bounds: { threads, memoryBytes },
      ...(options.log && { log: options.log }),
      tell,
      stop,
    })
    try {
      const token = randomBytes(TOKEN_BYTES).toString('base64url')
      const { studio } = opened
      const server = await listenStudio({
        studio,
        port,
        token,
        files,
        onBug: (error) => log.error('bug', error),
      })
      const said = options.json
        ? JSON.stringify({ version: 1, url: server.url })
        : `imgsizes studio is at ${server.url}`
      process.stdout.write(`${said}\n`)
      try {
        await untilAborted(stop)
        return 'drained'
      } finally {
        await server.close()
      }
    } finally {
      await opened.close()
    }
  } finally {
    await project.close()
    log.flush()
  }
}
