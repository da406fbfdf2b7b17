import { readFile } from 'node:fs/promises'
import { Problem } from '../../core/problem.ts'
import { isWholeImagesJson } from '../../page/images-form.ts'
import type { ImagesFile } from '../../page/images-json.ts'

/** Reads what `build --images` wrote. Problem `images-invalid`, which names the file. */
export const readImagesFile = async (path: string): Promise<ImagesFile> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => refuse(path, 'cannot be read', cause))
  return parseImagesFile(text, path)
}

/** The text of such a file; `path` is for messages. Problem `images-invalid`. */
export const parseImagesFile = (text: string, path: string): ImagesFile => {
  const file = parse(text, path)
  return isWholeImagesJson(file)
    ? file
    : refuse(path, 'is not an images.json that this version of imgsizes can read')
}

const parse = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    return refuse(path, 'is not JSON', cause)
  }
}

const refuse = (path: string, what: string, cause?: unknown): never => {
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  throw new Problem('images-invalid', `${path} ${what}${why}.`, {
    subject: path,
    hint: 'Write it with imgsizes build --images images.json.',
    cause,
  })
}
