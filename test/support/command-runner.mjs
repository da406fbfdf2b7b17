/**
 * Runs command lines one after another in this process, each by the module that `bin` starts: to start Node and to
 * load our modules costs more than most commands do. What a command says goes to the real stdout and stderr.
 */
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'

const require = createRequire(import.meta.url)
const MAIN = require.resolve('../../dist/main.cjs')

process.on('message', async ({ args, cwd, env, stdin, end }) => {
  enter({ args, cwd, env, stdin })
  // The module runs anew. What it imports stays loaded.
  delete require.cache[MAIN]
  await require(MAIN).ended
  const code = process.exitCode ?? 0
  leave()
  await Promise.all([process.stdout, process.stderr].map((stream) => write(stream, end)))
  process.send(code)
})

const enter = ({ args, cwd, env, stdin }) => {
  process.argv.splice(2, process.argv.length, ...args)
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' })
  const value = Readable.from(stdin === '' ? [] : [Buffer.from(stdin)])
  Object.defineProperty(process, 'stdin', { value, configurable: true })
}

/** Takes away what a command leaves to the end of its process. */
const leave = () => {
  process.exitCode = undefined
  for (const name of ['SIGINT', 'SIGTERM', 'unhandledRejection']) process.removeAllListeners(name)
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error')
}

const write = (stream, text) => new Promise((resolve) => stream.write(text, resolve))
