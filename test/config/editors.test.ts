import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** What an editor shows in `imgsizes.config.ts`: the compiler's language server with the types that are published. */

const root = resolve(import.meta.dirname, '../..')
const CONFIG = `import { defineConfig } from '${join(root, 'dist/index.js')}'
export default defineConfig({
  source: { uri: './photos', allowPrivate: false },
  output: './img',
  quality: 80,
  sizes: { card: { width: 400, height: 300, rotate: 90, position: { x: 1, y: 1 }, crop: { width: '50%', height: 3 } } },
  encoders: { avif: { search: true } },
  limits: { frames: 1 },
  serve: { log: { level: 'info' } },
  dialects: [{ type: 'imgproxy', presets: {} }],
})
`

const SAME = `import type { ConfigInput as Published } from '${join(root, 'dist/config/config-input.js')}'
import type { ConfigInput } from '${join(root, 'src/config/config-input.ts')}'
export const published = (given: ConfigInput): Published => given
export const own = (given: Published): ConfigInput => given
const least = { source: 'a', output: 'b' }
export const right: Published[] = [least, { ...least, formats: ['avif'] as const, limits: { frames: undefined } }]
// @ts-expect-error: the output is missing
export const wrong1: Published = { source: 'a' }
// @ts-expect-error: a text for a number
export const wrong2: Published = { ...least, quality: '80' }
// @ts-expect-error: an option that there is not
export const wrong3: Published = { ...least, sizes: { a: { wdith: 9 } } }
`
const OPTIONS = {
  ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true, types: [] },
  ...{ module: 'nodenext', target: 'esnext', allowImportingTsExtensions: true },
}

interface Reply {
  readonly id?: number
  /** Of what the server asks. */
  readonly method?: string
  readonly result?: {
    readonly contents?: { readonly value?: string }
    readonly items?: readonly { readonly message: string }[]
  } | null
}

let folder = ''
let server: ReturnType<typeof spawn>
const replies = new Map<number, (reply: Reply) => void>()

const send = (message: object): void => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}
const ask = (id: number, method: string, params: object): Promise<Reply> => {
  send({ id, method, params })
  return new Promise((done) => replies.set(id, done))
}
const uriOf = (name: string) => pathToFileURL(join(folder, name)).href

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgsizes-editor-'))
  const files = { 'imgsizes.config.ts': CONFIG, 'same.ts': SAME }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }))
  server = spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--lsp', '--stdio'])
  let pending = Buffer.alloc(0)
  server.stdout?.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      const [head, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(pending.toString('latin1')) ?? []
      if (head === undefined || pending.length < head.length + Number(length)) return
      const reply: Reply = JSON.parse(pending.toString('utf8', head.length, head.length + Number(length)))
      pending = pending.subarray(head.length + Number(length))
      if (reply.id === undefined) continue
      if (reply.method === undefined) replies.get(reply.id)?.(reply)
      else send({ id: reply.id, result: null })
    }
  })
  await ask(0, 'initialize', { processId: null, rootUri: pathToFileURL(folder).href, capabilities: {} })
  send({ method: 'initialized', params: {} })
  for (const [name, text] of Object.entries(files)) {
    const textDocument = { uri: uriOf(name), languageId: 'typescript', version: 1, text }
    send({ method: 'textDocument/didOpen', params: { textDocument } })
  }
})
afterAll(async () => {
  server.stdin?.end() // at which it ends itself
  await rm(folder, { recursive: true })
})

let nextId = 1
const hover = async (word: string): Promise<string> => {
  const offset = CONFIG.indexOf(`${word}:`)
  const before = CONFIG.slice(0, offset).split('\n')
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
  const reply = await ask(nextId++, 'textDocument/hover', {
    textDocument: { uri: uriOf('imgsizes.config.ts') },
    position,
  })
  return reply.result?.contents?.value ?? JSON.stringify(reply)
}

test.each([
  ['allowPrivate', 'boolean', 'private network'],
  ['output', 'string', 'Where results go'],
  ['quality', 'number', "mozjpeg's scale"],
  ['rotate', '90 | 180 | 270', 'Degrees clockwise'],
  ['search', 'boolean', 'smallest file'],
  ['frames', 'number', 'most frames of an animation'],
  ['level', '"debug" | "error" | "info" | "warn"', 'has a line for every request'],
  ['presets', 'string', '`default` is applied before'],
])('an editor shows the type of %s and what it means', async (option, type, meaning) => {
  const shown = await hover(option)
  expect(shown).toContain(type)
  expect(shown).toContain(meaning)
})

test('the published type takes what the schema takes, and refuses the rest', async () => {
  const reply = await ask(nextId++, 'textDocument/diagnostic', { textDocument: { uri: uriOf('same.ts') } })
  expect(reply.result?.items?.map(({ message }) => message)).toEqual([])
})
