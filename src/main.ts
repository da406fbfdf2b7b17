import { leaveAtSignals } from './cli/stop.ts'
import { readProgramVersion } from './wire/program-version.ts'

leaveAtSignals()

const argv = process.argv.slice(2)

/** The face above both floors: the terminal and the web do not know each other. Loaded late: only `serve`, `watch` and `studio` need it. */
const run = async (): Promise<number> => {
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

// Scripts ask for it, and nothing of the rest is needed to tell.
if (argv.length === 1 && argv[0] === '--version') process.stdout.write(`${readProgramVersion()}\n`)
else process.exitCode = await run()
