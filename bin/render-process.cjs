'use strict'

/*
 * It runs little JavaScript: V8 needs little memory for garbage and for code there.
 */
const { runInNewContext } = require('node:vm')
const { keepCompiled, setFlags } = require('./compile-cache.cjs')

const flags = ['--optimize-for-size', '--semi-space-growth-factor=1', '--expose-gc']
// Types are noted from the first call on: what runs once per picture runs often.
if (process.version.startsWith('v20.')) flags.push('--no-lazy-feedback-allocation')
setFlags(...flags)
globalThis.gc = runInNewContext('gc')

keepCompiled('render')
require('../dist/render/process.cjs')
