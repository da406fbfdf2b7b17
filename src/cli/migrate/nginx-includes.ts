import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fastGlob from 'fast-glob'
import { type Directive, parseNginx } from './nginx-directives.ts'

/** The directives of a file with those that it includes in their places, and what could not be read. */
export interface IncludedDirectives {
  readonly directives: readonly Directive[]
  readonly notes: readonly string[]
}

/** One that includes itself ends somewhere. */
const MOST_DEEP = 16

/** Types and FastCGI's variables say nothing of pictures, and are on every machine but this one. */
const UNIMPORTANT = /(?:^|\/)(?:mime\.types|fastcgi(?:_params|\.conf)|uwsgi_params|scgi_params|proxy_params)$/

/** A relative include is looked for beside the file, and above: sites-enabled/a.conf includes as nginx.conf does. */
export const includeAll = async (text: string, file: string): Promise<IncludedDirectives> => {
  const notes: string[] = []
  const folders = [dirname(file), dirname(dirname(file))]
  const expand = async (directives: readonly Directive[], depth: number): Promise<readonly Directive[]> => {
    const expanded = await Promise.all(
      directives.map(async (directive) => {
        const { name, args, block } = directive
        if (block !== undefined) return [{ ...directive, block: await expand(block, depth) }]
        const [pattern] = args
        if (name !== 'include' || pattern === undefined) return [directive]
        const texts = depth > MOST_DEEP ? [] : await readIncluded(pattern, folders)
        const isGlob = fastGlob.isDynamicPattern(pattern)
        if (texts.length === 0 && !isGlob && !UNIMPORTANT.test(pattern))
          notes.push(`include ${pattern}: it cannot be read; what stands in it is not carried over.`)
        return expand(texts.flatMap(parseNginx), depth + 1)
      }),
    )
    return expanded.flat()
  }
  return { directives: await expand(parseNginx(text), 0), notes }
}

const readIncluded = async (pattern: string, folders: readonly string[]): Promise<readonly string[]> => {
  for (const cwd of folders) {
    const path = pattern.startsWith('/') ? pattern : join(cwd, pattern)
    const files = fastGlob.isDynamicPattern(path)
      ? (await fastGlob(path, { dot: true, suppressErrors: true })).sort()
      : [path]
    const texts = await Promise.all(files.map(readText))
    const found = texts.filter((each) => each !== undefined)
    if (found.length > 0) return found
  }
  return []
}

/** Undefined where there is none, or it is not for this user: the caller tells. */
const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
