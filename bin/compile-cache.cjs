'use strict'

/*
 * To compile our code takes a third of a short run. From Node 22 on, Node keeps compiled code for the next run; for
 * Node 20 this does it, in the same way: in the system's temporary folder, or in that of NODE_COMPILE_CACHE; not with
 * NODE_DISABLE_COMPILE_CACHE. What a user wrote is not kept: a configuration may contain secrets.
 */
const Module = require('node:module')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const vm = require('node:vm')
const { crc32 } = require('node:zlib')

const ROOT = path.join(__dirname, '..')

/** What this file says of its form. */
const MAGIC = `imgsizes ${process.version} ${process.arch} 1`

/** Nearly all that commands and render processes load of Node. */
const OF_NODE =
  'assert child_process crypto fs/promises module net os perf_hooks readline readline/promises stream/consumers ' +
  'stream/promises stream/web timers/promises v8 vm zlib'

/** Node 20 compiles again, at great cost, what was called a few hundred times; later ones wait for thousands of calls. */
const BUDGET = '--interrupt-budget=1000000'

/**
 * Sets flags of V8. With any flag, V8 refuses the compiled code that Node has of its own modules: loaded before, they
 * take a third of the time.
 */
exports.setFlags = (...given) => {
  const flags = process.version.startsWith('v20.') ? [BUDGET, ...given] : given
  if (flags.length === 0) return
  for (const name of OF_NODE.split(' ')) require(`node:${name}`)
  for (const flag of flags) require('node:v8').setFlagsFromString(flag)
}

let save = () => {}

/** Keeps what is compiled from now on for runs of the same `name`, a word. */
exports.keepCompiled = (name) => {
  if (Module.enableCompileCache) {
    Module.enableCompileCache()
    if (Module.flushCompileCache) save = () => Module.flushCompileCache()
    return
  }
  const { NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env
  if (NODE_DISABLE_COMPILE_CACHE || NODE_V8_COVERAGE) return
  const file = findFile(name)
  if (file !== undefined) save = keep(file)
}

/**
 * Writes it, where this run knows more than is kept: code that was not kept, or where it was kept by runs that had done
 * less than half of `work`. A function counts only after its first call.
 */
exports.saveCompiled = (work) => save(work)

/** Undefined where others could write it: code from there would be run. */
const findFile = (name) => {
  const uid = process.getuid ? process.getuid() : ''
  const folder = process.env.NODE_COMPILE_CACHE || path.join(os.tmpdir(), `imgsizes-compile-cache-${uid}`)
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = fs.lstatSync(folder)
    if (uid !== '' && (found.uid !== uid || (found.mode & 0o022) !== 0 || !found.isDirectory()))
      return undefined
  } catch {
    return undefined
  }
  return path.join(folder, `${name}-${crc32(`${ROOT} ${MAGIC}`).toString(16)}.bin`)
}

const keep = (file) => {
  const { work: workBefore, entries } = read(file)
  const scripts = new Map()
  let isNew = false

  const compile = Module.prototype._compile
  Module.prototype._compile = function (content, filename, format) {
    // A package may be of ES modules alone.
    if (format === 'module' || !isKept(filename, content))
      return compile.call(this, content, filename, format)
    const source = crc32(content)
    const kept = entries.get(filename)
    const cachedData = kept !== undefined && kept.source === source ? kept.data : undefined
    let script
    try {
      script = new vm.Script(Module.wrap(content), { filename, cachedData })
    } catch {
      // It may be an ES module that nothing calls one, or begin with `#!`.
      return compile.call(this, content, filename, format)
    }
    if (cachedData === undefined || script.cachedDataRejected) isNew = true
    scripts.set(filename, { source, script })
    const { exports } = this
    const require = Module.createRequire(filename)
    return script.runInThisContext().call(exports, exports, require, this, filename, path.dirname(filename))
  }

  return (work) => {
    if (!isNew && work < workBefore * 2) return
    isNew = false
    for (const [filename, { source, script }] of scripts)
      entries.set(filename, { source, data: script.createCachedData() })
    write(file, work, entries)
  }
}

/** Of code that was kept, V8 does not know any more who answers its `import()`. */
const isKept = (filename, content) =>
  (filename.startsWith(ROOT + path.sep) || filename.includes(`${path.sep}node_modules${path.sep}`)) &&
  !/(?<!\.\s*|[\w$])import\s*\(/.test(content)

/*
 * A line of JSON, which names each file with the CRC of its text, and the length and CRC of its compiled code; then
 * the compiled codes.
 */
const read = (file) => {
  const entries = new Map()
  try {
    const bytes = fs.readFileSync(file)
    let start = bytes.indexOf('\n') + 1
    const { magic, work, files } = JSON.parse(bytes.toString('utf8', 0, start))
    if (magic !== MAGIC) return { work: Infinity, entries }
    for (const [filename, source, length, check] of files) {
      const data = bytes.subarray(start, start + length)
      start += length
      if (crc32(data) === check) entries.set(filename, { source, data })
    }
    return { work, entries }
  } catch {
    // It is not there yet, or it is damaged.
    return { work: Infinity, entries }
  }
}

const write = (file, work, entries) => {
  const files = [...entries].map(([name, { source, data }]) => [name, source, data.length, crc32(data)])
  const head = Buffer.from(`${JSON.stringify({ magic: MAGIC, work, files })}\n`)
  const unfinished = `${file}.${process.pid}`
  try {
    fs.writeFileSync(unfinished, Buffer.concat([head, ...[...entries.values()].map(({ data }) => data)]))
    fs.renameSync(unfinished, file)
  } catch {
    // It serves only to start sooner.
    fs.rmSync(unfinished, { force: true })
  }
}
