import { isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'

/** White space and comments. */
const GAP = /(?:\s+|\/\/.*|\/\*[\s\S]*?\*\/)*/y
/** The one name of `imgsizes` that a configuration needs; jiti tells of others whether there are such. */
const OWN_NAMES = /^\s*defineConfig\b[\w\s]*,?\s*$/
const IMPORT = /import\s+(?:(\w+)|\{([\w\s,]*)\})\s+from\s+(['"])([\w:/]+)\3;?/y
/** What takes more than is done here, and a call that is generic in TypeScript and two comparisons in JavaScript. */
const MORE = /\b(?:import|require|module|exports)\b|(?<!=)>\s*[(`]/

/**
 * What runs an ES module and gives its exports, or undefined for a module with types, with exports beside a default, or
 * with imports other than of `defineConfig` and of Node. Most configurations are modules that V8 can run as a script, once
 * two words of theirs are changed; Babel takes more time to load than all else in a short command. `load` gives what
 * a package exports. Lines stay where they are, for messages.
 */
export const compilePlainModule = (
  file: string,
  text: string,
  load: (name: string) => unknown,
): (() => Promise<{ readonly default?: unknown }>) | undefined => {
  const { imports, rest } = splitImports(text)
  if (MORE.test(rest)) return undefined
  // Where this is not the export, but within a text, the export stays, and is an error.
  const body = rest.replace(/^export default\b/m, '__exports.default =')
  let run: (...given: unknown[]) => Promise<void>
  try {
    const source = `(async (__exports, __load, __filename, __dirname) => { 'use strict'; ${imports}${body}\n})`
    run = new Script(source, { filename: file }).runInThisContext()
  } catch {
    // It has types, or an error, which Babel explains.
    return undefined
  }
  return async () => {
    const exported = {}
    await run(exported, load, file, dirname(file))
    return exported
  }
}

/** The imports at the beginning as declarations of the same names, in as many lines, and all behind them that is code. */
const splitImports = (text: string): { readonly imports: string; readonly rest: string } => {
  let imports = ''
  let start = 0
  for (;;) {
    GAP.lastIndex = start
    const [gap = ''] = GAP.exec(text) ?? []
    imports += gap
    start += gap.length
    IMPORT.lastIndex = start
    const [statement, whole, names, , from = ''] = IMPORT.exec(text) ?? []
    // All names of Node's modules are in their default export as well.
    if (statement === undefined || !(isBuiltin(from) || (from === 'imgsizes' && OWN_NAMES.test(names ?? ''))))
      return { imports, rest: text.slice(start) }
    const declared = whole ?? `{${names?.replaceAll(/\bas\b/g, ':')}}`
    const lines = statement.split('\n').length - declared.split('\n').length
    imports += `const ${declared} = __load('${from}');${'\n'.repeat(lines)}`
    start += statement.length
  }
}
