import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** What to do with a file of this folder that was meant to be the configuration, but has another name. */
export const findMisnamed = async (folder: string, cwd: string): Promise<string | undefined> => {
  const name = (await listNames(folder)).find((each) => MISNAMED.test(each))
  if (name === undefined) return undefined
  const ending = /\.[cm]?([jt]s)$/.exec(name)?.[1] ?? 'json'
  return `${relative(cwd, join(folder, name))} is not read: ${/[jt]s(?:on)?$/.test(name) ? 'rename it to' : 'write it as'} imgsizes.config.${ending}.`
}

/** A configuration that lies where it is not looked for, and what to do with it. */
export const findNearConfig = async (
  cwd: string,
  searched: readonly string[],
): Promise<string | undefined> => {
  const [below] = (await Promise.all((await listFolders(cwd)).map((folder) => findIn(cwd, folder)))).flat()
  const [above] = (await Promise.all(listAbove(searched).map((folder) => findIn(cwd, folder)))).flat()
  const found = below ?? above
  if (found === undefined) return undefined
  const why = below === undefined ? 'above where the search ends' : 'in a folder below'
  return `${found} is ${why}: name it with --config ${found}, or move it.`
}

const NAME = /^imgsizes\.config\.[cm]?[jt]s$|^imgsizes\.config\.json$/
/** Asked only where no name of a configuration is there. */
const MISNAMED = /^\.?imgsizes?\.conf(?:ig)?\.(?:[cm]?[jt]s|json[c5]?|ya?ml|toml)$/i

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
