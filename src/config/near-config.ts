import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** A file that was probably meant to be the configuration but is not read, and what to do with it. */
export const findNearConfig = async (
  cwd: string,
  searched: readonly string[],
): Promise<string | undefined> => {
  for (const folder of searched)
    for (const name of await listConfigs(folder))
      return `${relative(cwd, join(folder, name))} is not read: rename it to ${name.replace(/c(?=[jt]s$)/, '')}.`
  const [below] = (await Promise.all((await listFolders(cwd)).map((folder) => findIn(cwd, folder)))).flat()
  const [above] = (await Promise.all(listAbove(searched).map((folder) => findIn(cwd, folder)))).flat()
  const found = below ?? above
  if (found === undefined) return undefined
  const why = below === undefined ? 'above where the search ends' : 'in a folder below'
  return `${found} is ${why}: name it with --config ${found}, or move it.`
}

const NAME = /^imgsizes\.config\.[cm]?[jt]s$|^imgsizes\.config\.json$/
const COMMON_JS = /^imgsizes\.config\.c[jt]s$/

const listConfigs = async (folder: string): Promise<readonly string[]> =>
  (await listNames(folder)).filter((name) => COMMON_JS.test(name))

const findIn = async (cwd: string, folder: string): Promise<readonly string[]> =>
  (await listNames(folder))
    .filter((name) => NAME.test(name))
    .slice(0, 1)
    .map((name) => relative(cwd, join(folder, name)))

const listNames = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])

/** One level of folders, without those of tools. */
const listFolders = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => join(folder, name))
}

/** The folders above the last one that was searched. */
const listAbove = (searched: readonly string[]): readonly string[] => {
  const last = searched.at(-1)
  const parent = last === undefined ? undefined : dirname(last)
  return parent === undefined || parent === last ? [] : [parent, ...listAbove([parent])]
}
