import type { InventoryLine, OverridePatch, PictureView } from '../app/studio/protocol.ts'

/** Asks the server that this page came from, with the token of its URL. */

const TOKEN = new URLSearchParams(location.search).get('token') ?? ''

/** Why something could not be had, as the server says it. */
class StudioError extends Error {}

/** The query of a request; undefined values are left out. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>

/** A file to show; `url` is valid only in this page, and must be freed by `URL.revokeObjectURL`. */
export interface ShownFile {
  readonly url: string
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  readonly score?: number
}

const toUrl = (path: string, parameters: Parameters): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters))
    for (const each of value === undefined ? [] : [value].flat()) query.append(name, each)
  return `/api/${path}?${query}`
}

const ask = async (path: string, parameters: Parameters, init: RequestInit): Promise<Response> => {
  const headers = { ...init.headers, 'x-imgsizes-token': TOKEN }
  let response: Response
  try {
    response = await fetch(toUrl(path, parameters), { ...init, headers })
  } catch (error) {
    init.signal?.throwIfAborted()
    throw new StudioError('imgsizes studio has ended: start it again in its terminal.', { cause: error })
  }
  if (response.ok) return response
  const { message } = (await response.json().catch(() => ({}))) as { message?: string }
  throw new StudioError(message ?? `The answer was ${response.status}.`)
}

/** Asks for a JSON value. {@link StudioError} where the server refuses. */
export const askJson = async <T>(path: string, parameters: Parameters, signal?: AbortSignal): Promise<T> =>
  (await ask(path, parameters, signal ? { signal } : {})).json() as Promise<T>

/** Asks for a picture, with its size and score where the server tells them. */
export const askFile = async (
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<ShownFile> => {
  const response = await ask(path, parameters, { signal })
  const blob = await response.blob()
  const numbers = ['width', 'height', 'score'].flatMap((name) => {
    const text = response.headers.get(`x-${name}`)
    return text === null ? [] : [[name, Number(text)]]
  })
  return { url: URL.createObjectURL(blob), bytes: blob.size, ...Object.fromEntries(numbers) }
}

const send = (method: string, path: string, parameters: Parameters, value: unknown): Promise<Response> => {
  const headers = { 'content-type': 'application/json' }
  return ask(path, parameters, { method, body: JSON.stringify(value), headers })
}

/** Changes the override of a picture, and returns what that is then. */
export const saveOverride = async (source: string, patch: OverridePatch): Promise<PictureView> =>
  (await send('PUT', 'override', { source }, patch)).json()

/** Has the server read all pictures anew. */
export const askAnew = async (): Promise<void> => void (await (await send('POST', 'refresh', {}, {})).json())

/** The lines of the inventory, as they arrive. */
export async function* readInventoryLines(signal: AbortSignal): AsyncGenerator<InventoryLine> {
  const { body } = await ask('inventory', {}, { signal })
  if (body === null) return
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as InventoryLine
  }
}
