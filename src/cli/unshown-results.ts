import { join, relative, sep } from 'node:path'
import { type Config, folderOf } from '../config/config.ts'
import { Problem } from '../core/problem.ts'
import { isFolder } from '../wire/site/site-files.ts'
import { formatFolder } from './known-sources.ts'

/**
 * What is wrong where the pages of a site name results by paths that do not exist in its folder: visitors would see
 * broken pictures. Undefined where they exist, or another host or a bucket answers.
 */
export const findUnshown = async (
  { output, baseUrl }: Pick<Config, 'output' | 'baseUrl'>,
  { dir, cwd }: { readonly dir: string; readonly cwd: string },
): Promise<Problem | undefined> => {
  const folder = folderOf(output)
  if (folder === undefined || !/^\/(?!\/)/.test(baseUrl)) return undefined
  const segments = decodeURI(baseUrl).split('/').filter(Boolean)
  // Where the site lies below its host's root, the path begins with that of the site.
  const places = segments.map((_, first) => join(dir, ...segments.slice(first)))
  const found = await Promise.all(places.map(isFolder))
  if (found.includes(true) || segments.length === 0) return undefined
  const [site, results] = [formatFolder(dir, cwd), formatFolder(folder, cwd)]
  const inside = relative(dir, folder)
  return new Problem(
    'results-not-shown',
    `The pages name pictures as ${baseUrl}…, and ${site === '.' ? 'this folder' : site} has no ${segments.join('/')}: the files are in ${results}.`,
    {
      hint: inside.startsWith('..')
        ? `Copy ${results} to ${formatFolder(join(dir, ...segments), cwd)} before you publish, or have your server show it at ${baseUrl}.`
        : `If ${site === '.' ? 'this folder' : site} is the site's root, set baseUrl to /${inside.split(sep).join('/')}/; else name the folder that is.`,
    },
  )
}
