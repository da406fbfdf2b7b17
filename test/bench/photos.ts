import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what the benchmarks need is kept: other tools, photographs, corpora. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'imgsizes-bench')

/**
 * The sixteen JPEGs of Debian's mate-backgrounds, of one to eighteen megapixels: from `folder` where one is given, else downloaded by apt-get and
 * unpacked into a cache folder, once. They are under licences of their own and are never committed.
 */
export const findPhotos = (folder?: string): readonly string[] =>
  listPictures(folder ?? unpack('mate-backgrounds', 'usr/share/backgrounds/mate'), /\.jpe?g$/i)

/** One picture, the largest, of each wallpaper of Debian's plasma-workspace-wallpapers: drawings and photographs, half of them PNG. */
export const findWallpapers = (): readonly string[] => {
  const folder = unpack('plasma-workspace-wallpapers', 'usr/share/wallpapers')
  const largest = new Map<string, string>()
  const widthOf = (path = ''): number => Number(/(\d+)x\d+\.\w+$/.exec(path)?.[1] ?? 0)
  for (const path of listPictures(folder, /contents\/images\/.*\.(?:jpe?g|png)$/i)) {
    const [name = ''] = path.slice(folder.length + 1).split('/')
    if (widthOf(path) > widthOf(largest.get(name))) largest.set(name, path)
  }
  return [...largest.values()]
}

/** The files below a folder whose names match, sorted; at least one. */
export const listPictures = (folder: string, pattern: RegExp): readonly string[] => {
  const pictures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))
  if (pictures.length === 0) throw new Error(`no pictures in ${folder}`)
  return pictures
}

/** A folder of one of Debian's packages, downloaded by apt-get and unpacked into the cache, once. */
export const unpack = (name: string, inside: string): string => {
  const folder = join(CACHE, inside)
  if (existsSync(folder)) return folder
  mkdirSync(CACHE, { recursive: true })
  console.error(`downloading Debian's ${name} into ${CACHE}`)
  execFileSync('apt-get', ['download', name], { cwd: CACHE, stdio: ['ignore', 'ignore', 'inherit'] })
  const deb = readdirSync(CACHE).find((file) => file.startsWith(name) && file.endsWith('.deb'))
  if (deb === undefined) throw new Error(`apt-get download ${name} has left no package in ${CACHE}`)
  execFileSync('dpkg', ['-x', join(CACHE, deb), CACHE])
  return folder
}
