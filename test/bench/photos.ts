import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const PACKAGE = 'mate-backgrounds'
const INSIDE = 'usr/share/backgrounds/mate'

/**
 * The sixteen JPEGs of Debian's mate-backgrounds, of one to eighteen megapixels: from `folder` where one is given, else downloaded by apt-get and
 * unpacked into a cache folder, once. They are under licences of their own and are never committed.
 */
export const findPhotos = (folder?: string): readonly string[] => {
  const from = folder ?? unpack()
  const photos = readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort()
    .map((name) => join(from, name))
  if (photos.length === 0) throw new Error(`no photographs in ${from}`)
  return photos
}

const unpack = (): string => {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'imgsizes-bench')
  const folder = join(cache, INSIDE)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  console.error(`downloading Debian's ${PACKAGE} into ${cache}`)
  execFileSync('apt-get', ['download', PACKAGE], { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] })
  const deb = readdirSync(cache).find((name) => name.startsWith(PACKAGE) && name.endsWith('.deb'))
  if (deb === undefined) throw new Error(`apt-get download ${PACKAGE} has left no package in ${cache}`)
  execFileSync('dpkg', ['-x', join(cache, deb), cache])
  return folder
}
