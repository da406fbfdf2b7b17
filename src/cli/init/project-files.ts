import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files of a project that tell its framework; each is read once, when it is asked for. */
export type ProjectFiles = ReturnType<typeof openProjectFiles>

const CONFIG_ENDINGS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'cts']

/** Paths are relative to `root`. */
export const openProjectFiles = (root: string) => {
  const texts = new Map<string, string>()
  /** The text of a file; "" where it does not exist. */
  const text = (path: string): string => {
    const known = texts.get(path) ?? readIfAny(join(root, path))
    texts.set(path, known)
    return known
  }
  const has = (path: string): boolean => existsSync(join(root, path))
  const packages = parsePackages(text('package.json'))
  return {
    has,
    text,
    /** The text of the first file of that name with any usual ending, such as `vite.config.ts` for `vite.config`. */
    config: (name: string): string =>
      text(CONFIG_ENDINGS.map((ending) => `${name}.${ending}`).find(has) ?? ''),
    names: (folder: string): readonly string[] => {
      try {
        return readdirSync(join(root, folder))
      } catch {
        return []
      }
    },
    /** The version that package.json asks for; undefined where it does not list the package. */
    dependency: (name: string): string | undefined => packages.get(name),
  }
}

const readIfAny = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const parsePackages = (text: string): ReadonlyMap<string, string> => {
  try {
    const { dependencies, devDependencies }: Record<string, Readonly<Record<string, string>> | undefined> =
      JSON.parse(text)
    return new Map(Object.entries({ ...devDependencies, ...dependencies }))
  } catch {
    return new Map() // no package.json that can be read: the framework is unknown
  }
}
