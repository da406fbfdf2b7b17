#!/usr/bin/env node
'use strict'

/*
 * The syntax is old enough for an old Node to read it as far as the message that it is too old.
 */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 20 || (major === 20 && minor >= 19)) start()
else leave(`imgsizes needs Node 20.19 or later; this is ${process.version}.`)

function start() {
  // From Node 22 on: compiled code is kept in the system's temporary folder, and the next start is quicker.
  const { enableCompileCache } = require('node:module')
  if (enableCompileCache) enableCompileCache()
  // Node 20 compiles again, at great cost, what was called a few hundred times; later ones wait for thousands of calls.
  if (major === 20) require('node:v8').setFlagsFromString('--interrupt-budget=1000000')
  // package.json caps the AWS SDK at releases that support every Node we do: its warning asks nothing of the user.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const main = require('node:path').join(__dirname, '..', 'dist', 'main.js')
  if (!require('node:fs').existsSync(main)) {
    leave(`${main} is missing. In a checkout of imgsizes, run \`npm ci && npm run build\` first.`)
    return
  }
  import(require('node:url').pathToFileURL(main).href).catch((error) => {
    leave(`imgsizes could not start: ${(error instanceof Error && error.stack) || error}`)
  })
}

function leave(message) {
  process.stderr.write(`error: ${message}\n`)
  process.exitCode = 1
}
