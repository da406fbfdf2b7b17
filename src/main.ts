import { leaveAtSignals, runToEnd } from './cli/stop.ts'
import { readProgramVersion } from './wire/program-version.ts'

const argv = process.argv.slice(2)

/**
 * Joins `cli/` and `http/`, which do not know each other. Loaded only when needed, by `serve`, `watch` and `studio`.
 */
const run = async (): Promise<number> => {
  leaveAtSignals()
  const { runCli } = await import('./cli/run-cli.ts')
  return runCli(argv, {
    serve: async (options, stop) => {
      const { runServer } = await import('./http/run-server.ts')
      return runServer(options, stop)
    },
    watch: async (options, stop) => {
      const { runWatch } = await import('./http/run-watch.ts')
      return runWatch(options, stop)
    },
    studio: async (options, stop) => {
      const { runStudio } = await import('./http/studio/run-studio.ts')
      return runStudio(options, stop)
    },
  })
}

const sayVersion = async (): Promise<void> => {
  process.stdout.write(`${readProgramVersion()}\n`)
}

/** Resolves at the command's end. Scripts ask for the version; nothing else needs to be loaded for that. */
export const ended = argv.length === 1 && argv[0] === '--version' ? sayVersion() : runToEnd(run)
