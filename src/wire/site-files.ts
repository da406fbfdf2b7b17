import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import fastGlob from 'fast-glob'
import type { SiteFiles } from '../app/rewrite-site.ts'
import { compareBytes } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'

/**
 * The pages below a folder: `.html`, `.htm` and `.xhtml` in any letter case; hidden files and links are not
 * followed. `newId` makes texts that no one else makes. Problem `site-missing`.
 */
export const openSiteFiles = async (root: string, newId: () => string): Promise<SiteFiles> => {
  if (!(await isFolder(root)))
    throw new Problem('site-missing', `${root} is not a folder`, {
      subject: root,
      hint: 'Name the folder that the site was built into, such as dist.',
    })
  const pages = await fastGlob('**/*.{html,htm,xhtml}', {
    cwd: root,
    caseSensitiveMatch: false,
    followSymbolicLinks: false,
    suppressErrors: false,
    ignore: ['**/node_modules/**'],
  })
  pages.sort(compareBytes)
  return {
    list: async function* () {
      yield* pages
    },
    read: (path) => readFile(join(root, path)),
    write: (path, bytes) => replaceFile(join(root, path), bytes, newId()),
    sizeOf: (path) => sizeOfFile(join(root, path)),
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

const sizeOfFile = (path: string): Promise<number | undefined> =>
  stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  )

/** Whole or not at all; the new file has the rights of the old one. */
const replaceFile = async (path: string, bytes: Uint8Array, id: string): Promise<void> => {
  const partial = join(dirname(path), `.${basename(path)}.${id}.partial`)
  try {
    await writeFile(partial, bytes, { flag: 'wx' })
    await chmod(partial, (await stat(path)).mode)
    await rename(partial, path)
  } catch (cause) {
    await rm(partial, { force: true })
    throw new Problem('file-not-written', `${path} cannot be written`, { subject: path, cause })
  }
}
