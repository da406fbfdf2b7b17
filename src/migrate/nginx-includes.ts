import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fastGlob from 'fast-glob'
import { Problem } from '../core/problem.ts'
import { type Directive, parseNginx } from './nginx-blocks.ts'
import { readRegularFile } from './regular-file.ts'

/** The limit for a file and all that it includes: ten times what the largest hosts have. */
const MOST_FILES = 5_000
const MOST_BYTES = 4 * 1024 * 1024

/** Types and FastCGI's variables say nothing of pictures, and often are not on this machine. */
const UNIMPORTANT = /(?:^|\/)(?:mime\.types|fastcgi(?:_params|\.conf)|uwsgi_params|scgi_params|proxy_params)$/

/** A file that is being read, and those that include it. */
interface Place {
  readonly path: string
  readonly within: readonly string[]
}

/**
 * Reads a file of nginx with everything it includes. A relative include is searched beside the file, then in the
 * folders above, because sites-enabled/a.conf includes relative to nginx.conf. Problems `file-not-read`,
 * `nginx-too-deep` and `nginx-too-large`.
 */
export const readNginx = async (file: string) => {
  const notes: string[] = []
  const folders = [dirname(file), dirname(dirname(file))]
  const left = { files: MOST_FILES, bytes: MOST_BYTES }
  const readText = async (path: string): Promise<string> => {
    const text = await readRegularFile(path, MOST_BYTES)
    left.bytes -= text.length
    if (left.bytes < 0) throw tooLarge()
    return text
  }
  /** Undefined where the file does not exist; the caller then looks elsewhere, or notes it. */
  const readIncluded = async (path: string, within: readonly string[]) => {
    const real = await realpath(path).catch(() => undefined)
    if (real === undefined) return undefined
    if (within.includes(real)) {
      notes.push(`include ${path}: it includes itself; left out there.`)
      return []
    }
    const text = await readText(real).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.code !== 'file-not-read') throw error
      notes.push(`include ${path}: ${error.message}; its content is not carried over.`)
      return ''
    })
    return expand(parseNginx(text), { path: real, within: [...within, real] })
  }
  const include = async (pattern: string, { within }: Place): Promise<readonly Directive[]> => {
    const isGlob = fastGlob.isDynamicPattern(pattern, GLOB)
    for (const folder of folders) {
      const path = pattern.startsWith('/') ? pattern : join(folder, pattern)
      const included: Directive[] = []
      let isFound = false
      for (const each of isGlob ? await listFiles(path) : [path]) {
        if (--left.files < 0) throw tooLarge()
        const directives = await readIncluded(each, within)
        isFound ||= directives !== undefined
        for (const directive of directives ?? []) included.push(directive)
      }
      if (isFound) return included
    }
    if (!isGlob && !UNIMPORTANT.test(pattern))
      notes.push(`include ${pattern}: it cannot be read; its content is not carried over.`)
    return []
  }
  // One after the other, because files are counted.
  const expand = async (directives: readonly Directive[], place: Place): Promise<readonly Directive[]> => {
    const expanded: Directive[] = []
    for (const directive of directives) {
      const { name, args, block } = directive
      const [pattern] = args
      if (block !== undefined) expanded.push({ ...directive, block: await expand(block, place) })
      else if (name !== 'include' || pattern === undefined) expanded.push(directive)
      else for (const each of await include(pattern, place)) expanded.push(each)
    }
    return expanded
  }
  const real = await realpath(file).catch(() => file)
  const text = await readText(file)
  return { directives: await expand(parseNginx(text), { path: real, within: [real] }), notes }
}

/** As in glob(3), which nginx uses: `*` and `?` within one name, and `[…]`. */
const GLOB = {
  dot: true,
  suppressErrors: true,
  globstar: false,
  braceExpansion: false,
  extglob: false,
} as const

const listFiles = async (pattern: string): Promise<readonly string[]> => {
  const paths: string[] = []
  // Two stars mean one; fast-glob would search all folders for them, whatever its options.
  for await (const path of fastGlob.stream(pattern.replace(/\*{2,}/g, '*'), GLOB)) {
    paths.push(String(path))
    if (paths.length > MOST_FILES) throw tooLarge()
  }
  return paths.sort()
}

const tooLarge = (): Problem =>
  new Problem(
    'nginx-too-large',
    `The configuration includes more than ${MOST_FILES} files or ${MOST_BYTES / 1024 / 1024} MiB.`,
    { hint: 'Name only the file of the site.' },
  )
