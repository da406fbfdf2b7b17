import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'

/** One import statement, re-export or `import()` of a source file. */
export interface Import {
  /** As written: `../core/problem.ts`, `sharp`, `node:fs`. */
  readonly specifier: string
  /** The file it leads to, relative to the root of the sources; absent for packages. */
  readonly file?: string
  /** Erased when compiled. */
  readonly isType: boolean
}

/** A source file: `path` is relative to the root of the sources, with "/". */
export interface Module {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** Every `.ts` and `.tsx` file under a folder, in order of path. */
export const readModules = async (root: string): Promise<readonly Module[]> => {
  const names = await readdir(root, { recursive: true })
  const paths = names
    .map((name) => name.replaceAll('\\', '/'))
    // AssemblyScript, of which each file stands alone.
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('wasm/'))
  return Promise.all(
    paths.sort().map(async (path) => toModule(path, await readFile(join(root, path), 'utf8'))),
  )
}

/** A module out of its text. Statements begin their line, as the formatter leaves them. */
export const toModule = (path: string, text: string): Module => ({
  path,
  text,
  imports: [
    ...[...text.matchAll(STATIC)].map(({ groups }) => toImport(path, groups)),
    ...[...withoutComments(text).matchAll(DYNAMIC)].map(({ groups }) => toImport(path, groups)),
  ],
})

/** `text` without comments that take whole lines, the only ones the formatter leaves before code. */
export const withoutComments = (text: string): string =>
  text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '').replace(/\s\/\/\s.*$/gm, '')

const STATIC =
  /^(?:import|export)\s+(?<type>type\s)?(?:[^;'"`()=]*?\sfrom\s+)?['"](?<specifier>[^'"\n]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"](?<specifier>[^'"\n]+)['"]/g

const toImport = (from: string, groups: Readonly<Record<string, string | undefined>> | undefined): Import => {
  const specifier = groups?.specifier ?? ''
  const isType = groups?.type !== undefined
  return specifier.startsWith('.')
    ? { specifier, file: posix.join(posix.dirname(from), specifier), isType }
    : { specifier, isType }
}

/** Every file that `path` needs when it runs, itself included, and every package that those import. */
export const reach = (
  modules: readonly Module[],
  path: string,
): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } => {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const files = new Set([path])
  const packages = new Set<string>()
  for (const file of files)
    for (const { file: next, specifier, isType } of byPath.get(file)?.imports ?? []) {
      if (isType) continue
      if (next === undefined) packages.add(specifier)
      else files.add(next)
    }
  return { files, packages }
}

/** The first cycle of imports, types included, as the files of its way round; undefined where there is none. */
export const findCycle = (modules: readonly Module[]): readonly string[] | undefined => {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const done = new Set<string>()
  const walk = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const { file } of byPath.get(path)?.imports ?? []) {
      const cycle = file === undefined ? undefined : walk(file, [...way, path])
      if (cycle !== undefined) return cycle
    }
    done.add(path)
    return undefined
  }
  for (const { path } of modules) {
    const cycle = walk(path, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
