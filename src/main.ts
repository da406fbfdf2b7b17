import { runCli } from './cli/run-cli.ts'

// The face above both floors: the terminal and the web do not know each other. Loaded late, for only `serve` needs it.
process.exitCode = await runCli(process.argv.slice(2), {
  serve: async (options, stop) => {
    const { runServer } = await import('./http/run-server.ts')
    return runServer(options, stop)
  },
})
