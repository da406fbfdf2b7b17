/**
 * Builds sites with Eleventy one after another in this process, each as its command does: to load Eleventy costs more than
 * most builds do. What it says goes to the real stdout and stderr.
 */
import { Eleventy } from '@11ty/eleventy'

process.on('message', async ({ cwd, env, end }) => {
  process.chdir(cwd)
  Object.assign(process.env, env)
  // It says itself why it fails, and sets the exit code.
  await build().catch(() => {})
  const code = process.exitCode ?? 0
  process.exitCode = undefined
  await Promise.all([process.stdout, process.stderr].map((stream) => write(stream, end)))
  process.send(code)
})

const build = async () => {
  const eleventy = new Eleventy(undefined, undefined, {
    source: 'cli',
    // Else a template is what it was in the first build.
    config: (config) => config.setUseTemplateCache(false),
  })
  await eleventy.init()
  await eleventy.write()
}

const write = (stream, text) => new Promise((resolve) => stream.write(text, resolve))
