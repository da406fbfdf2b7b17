#!/usr/bin/env node
'use strict'

/*
 * The syntax is old enough for an old Node to read it as far as the message that it is too old.
 */

/** Commands that scripts run again and again: for each, Node 20 keeps a file. */
const OFTEN = ['build', 'html', 'plan', 'prune', 'serve', 'url', 'verify', 'warm', 'watch']

/** Seconds after which a run calls hardly anything for the first time. */
const LONGEST = 5

const [major, minor] = process.versions.node.split('.').map(Number)
// Node 21 and 22.0 have no CRC in zlib.
const isNewEnough = major === 20 ? minor >= 19 : major === 22 ? minor >= 2 : major > 22
if (isNewEnough) start()
else leave(`imgsizes needs Node 20.19, or 22.2 or later; this is Node ${process.versions.node}.`)

function start() {
  // package.json caps the AWS SDK at releases that support every Node we do: its warning asks nothing of the user.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const main = require('node:path').join(__dirname, '..', 'dist', 'main.cjs')
  if (!require('node:fs').existsSync(main)) {
    leave(`${main} is missing. In a checkout of imgsizes, run \`npm ci && npm run build\` first.`)
    return
  }
  const command = process.argv[2]
  // What answers for days is compiled as V8 would: with our flag, its first 50,000 hits took up to twice the CPU.
  if (command !== '--version' && command !== 'serve') require('./compile-cache.cjs').setFlags()
  const { enableCompileCache } = require('node:module')
  if (enableCompileCache) enableCompileCache()
  else if (OFTEN.includes(command)) keepCompiledCode(command)
  try {
    require(main)
  } catch (error) {
    leave(`imgsizes could not start: ${(error instanceof Error && error.stack) || error}`)
  }
}

function keepCompiledCode(command) {
  const { keepCompiled, saveCompiled } = require('./compile-cache.cjs')
  keepCompiled(command)
  const save = () => saveCompiled(Math.min(process.uptime(), LONGEST))
  process.on('exit', save)
  // What has not been called for long is no longer there at the end of a long run.
  setTimeout(save, LONGEST * 1000).unref()
}

function leave(message) {
  process.stderr.write(`error: ${message}\n`)
  process.exitCode = 1
}
