import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Module, readModules, toModule, withoutComments } from './support/module-graph.ts'

/** STYLE habit 8: console and exit live at the edges. */
const EDGES = /^(?:cli|http)\//

const MAX_LINES = 400

const listOffences = (modules: readonly Module[]): readonly string[] =>
  modules.flatMap(({ path, text }) => {
    const lines = text.split('\n').length
    const compares = /\.mark\s*[!=]==(?!\s*undefined\b)/.test(withoutComments(text))
    const speaks = /\bconsole\.\w|\bprocess\.exit\b/.test(withoutComments(text))
    return [
      ...(speaks && !EDGES.test(path) ? [`${path} uses console or process.exit`] : []),
      ...(compares ? [`${path} compares a mark that may be absent: isSameMark`] : []),
      ...(lines > MAX_LINES ? [`${path} has ${lines} lines`] : []),
    ]
  })

describe('the sources', async () => {
  const modules = await readModules(fileURLToPath(new URL('../src', import.meta.url)))

  test('leave console and exit to the edges, and no file is over 400 lines', () => {
    expect(modules.length).toBeGreaterThan(20)
    expect(listOffences(modules)).toEqual([])
  })
})

test('this test can fail', () => {
  const offences = listOffences([
    toModule('app/a.ts', "console.log('a')"),
    toModule('wire/b.ts', 'process.exit(1)'),
    toModule('wire/c.ts', 'process.exitCode = 1'),
    toModule('cli/d.ts', "console.log('a')\nprocess.exit(1)"),
    toModule('core/e.ts', '\n'.repeat(400)),
    toModule('core/f.ts', '// console.log'),
    toModule('core/g.ts', "const hint = 'it is no console.'"),
    toModule('app/h.ts', 'if (a.mark === b.mark || c.mark === undefined) return'),
    toModule('app/i.ts', 'if (c.mark !== undefined) return'),
  ])
  expect(offences).toEqual([
    'app/a.ts uses console or process.exit',
    'wire/b.ts uses console or process.exit',
    'core/e.ts has 401 lines',
    'app/h.ts compares a mark that may be absent: isSameMark',
  ])
})
