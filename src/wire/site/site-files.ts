import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import fastGlob from 'fast-glob'
import type { PublishedFile } from '../../app/site/page-source.ts'
import type { SiteFiles } from '../../app/site/rewrite-site.ts'
import { compareBytes } from '../../core/byte-order.ts'
import { errorCodeOf, failWriting, unwritten } from '../../core/error-code.ts'
import { Problem } from '../../core/problem.ts'
import { copyRights } from '../text-file.ts'

/**
 * The pages below a folder (`.html`, `.htm` and `.xhtml` in any letter case) and its style sheets, without hidden
 * files; links are not followed. `newId` makes texts that nobody else makes. Problem `site-missing`.
 */
export const openSiteFiles = async (root: string, newId: () => string): Promise<SiteFiles> => {
  if (!(await isFolder(root)))
    throw new Problem('site-missing', `${root} is not a folder`, {
      subject: root,
      hint: 'Name the folder that the site was built into, such as dist.',
    })
  return {
    list: () => listFiles(root, '**/*.{html,htm,xhtml}'),
    listStyles: () => listFiles(root, '**/*.css'),
    read: (path) => readOrRefuse(join(root, path)),
    write: async (path, bytes) => {
      // Before the page itself: a run that is stopped in between does all of it again.
      await replaceCompressed(join(root, path), bytes, newId)
      await replaceFile(join(root, path), bytes, newId())
    },
    look: createLook(root),
  }
}

async function* listFiles(root: string, pattern: string): AsyncGenerator<string> {
  const found = await fastGlob(pattern, {
    cwd: root,
    caseSensitiveMatch: false,
    followSymbolicLinks: false,
    // Nobody could read pages in a folder without permissions.
    suppressErrors: true,
    ignore: ['**/node_modules/**'],
  })
  yield* found.sort(compareBytes)
}

/** Whether a folder of this path can be looked at. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

const readOrRefuse = async (path: string): Promise<Uint8Array> => {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new Problem('file-unreadable', `It cannot be read (${errorCodeOf(cause) || cause}).`, {
      subject: path,
      cause,
    })
  }
}

/** Looks up files below a folder; each is looked at and read once, however often it is asked for. */
export const createLook = (root: string): SiteFiles['look'] => {
  const looked = new Map<string, ReturnType<SiteFiles['look']>>()
  return (path) => {
    const file = join(root, path)
    const found = looked.get(file) ?? lookAt(file)
    looked.set(file, found)
    return found
  }
}

const lookAt = async (file: string): Promise<PublishedFile | undefined> => {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return undefined
  let digest: ReturnType<PublishedFile['digest']> | undefined
  return {
    sizeBytes: found.size,
    digest: () => {
      digest ??= digestFile(file)
      return digest
    },
  }
}

const digestFile = async (file: string): ReturnType<PublishedFile['digest']> => {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')]
  await pipeline(createReadStream(file), async (chunks) => {
    for await (const chunk of chunks) {
      sha256.update(chunk)
      md5.update(chunk)
    }
  })
  return { sha256: sha256.digest('hex'), md5: md5.digest('hex') }
}

/**
 * Makes the compressed copies beside a page anew, where there are any: servers answer with them in its place. Not every
 * supported Node has Zstandard, so such a copy is removed; servers then take another.
 */
const replaceCompressed = async (path: string, bytes: Uint8Array, newId: () => string): Promise<void> => {
  const compressions = { '.gz': promisify(gzip), '.br': promisify(brotliCompress), '.zst': undefined }
  for (const [ending, compress] of Object.entries(compressions)) {
    const copy = path + ending
    if (!existsSync(copy)) continue
    if (compress) await replaceFile(copy, await compress(bytes), newId())
    else await rm(copy).catch(failWriting(copy))
  }
}

/** Replaces the whole file or nothing; the new file has the permissions of the old one, and its owner where it may. */
const replaceFile = async (path: string, bytes: Uint8Array, id: string): Promise<void> => {
  // Without the name of the page, which may be as long as names can be.
  const partial = join(dirname(path), `.${id}.partial`)
  try {
    await writeFile(partial, bytes, { flag: 'wx' })
    await copyRights(path, partial)
    await rename(partial, path)
  } catch (cause) {
    await rm(partial, { force: true })
    throw unwritten(path, cause)
  }
}
