'use strict'

require('./compile-cache.cjs').keepCompiled('render')
require('../dist/render/process.cjs')
