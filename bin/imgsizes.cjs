#!/usr/bin/env node
'use strict'

/*
 * CommonJS, and setPoolSize its first act, because libuv starts its pool of threads at the first asynchronous read
 * of a file, which is when an ES module is loaded; the pool's size counts only when it is set before. sharp works in
 * that pool beside file reads and DNS, so it has to hold every render in flight, each of which is at two things at once
 * in a batch, and four more, or reads of stored files wait for encoders (measured: 957 ms at the median with two threads
 * and two renders, 0.8 ms with six).
 *
 * The renders are --concurrency, else the CPUs that the system shows. A CPU quota of a container may allow fewer
 * (src/cli/host.ts); then some threads sleep, which costs nothing.
 *
 * Not set here: MALLOC_ARENA_MAX. glibc reads it when a process starts, so setting it now does nothing, and starting
 * ourselves anew would cost a second process and its signals. Set MALLOC_ARENA_MAX=2 in a service's own environment
 * (a Dockerfile, a systemd unit): about 140 MB of memory in place of 250.
 *
 * The syntax is old enough for an old Node to read it as far as the message that it is too old.
 */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 20 || (major === 20 && minor >= 19)) start()
else leave(`imgsizes needs Node 20.19 or later; this is ${process.version}.`)

function start() {
  setPoolSize()
  // From Node 22 on: compiled code is kept in the system's temporary folder, and the next start is quicker.
  const { enableCompileCache } = require('node:module')
  if (enableCompileCache) enableCompileCache()
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

function setPoolSize() {
  if (process.env.UV_THREADPOOL_SIZE) return
  const renders = readConcurrency() || require('node:os').availableParallelism()
  process.env.UV_THREADPOOL_SIZE = String(Math.min(1024, renders * 2 + 4))
}

/** `--concurrency 8` or `--concurrency=8`; 0 where there is none, or it is wrong, which src/cli/ will say. */
function readConcurrency() {
  const { argv } = process
  const at = argv.findIndex((word) => /^--concurrency(=|$)/.test(word))
  if (at < 0) return 0
  const value = argv[at].includes('=') ? argv[at].slice(argv[at].indexOf('=') + 1) : argv[at + 1]
  return /^[1-9][0-9]{0,3}$/.test(value) ? Number(value) : 0
}

function leave(message) {
  process.stderr.write(`error: ${message}\n`)
  process.exitCode = 1
}
