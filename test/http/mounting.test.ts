import { type ChildProcess, spawn } from 'node:child_process'
import { cp, readFile, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createKeyring } from '../../src/url/keyring.ts'
import { CONFIG, makeProject, SECRET, writeText } from '../cli/support.ts'
import { testKey } from '../support/origin.ts'

/** The examples of docs/guides/own-server.md, as somebody would run them who has installed the package. */

const ROOT = resolve(import.meta.dirname, '../..')
const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const key = testKey(keyring, 'a+b.jpg', { transform: '32w.q80' })
const path = `/img/${key.replace('+', '%2B')}`

const openExample = async (name: string): Promise<string> => {
  const folder = await makeProject(['a+b.jpg'])
  const config = { ...CONFIG, baseUrl: 'https://example.com/img/' }
  // As `init` writes it: Node itself runs no TypeScript before 22.18.
  const text = `import { defineConfig } from 'imgsizes'\n\nexport default defineConfig(${JSON.stringify(config)} as const)\n`
  await writeText(join(folder, 'imgsizes.config.ts'), text)
  await cp(join(ROOT, 'test/http/mounting', name), join(folder, name))
  await writeText(join(folder, 'node_modules/.keep'), '')
  await symlink(ROOT, join(folder, 'node_modules/imgsizes'))
  for (const dependency of ['hono', '@hono', 'express'])
    await symlink(join(ROOT, 'node_modules', dependency), join(folder, 'node_modules', dependency))
  return folder
}

const start = async (folder: string, name: string): Promise<{ url: string; child: ChildProcess }> => {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [name], {
    cwd: folder,
    env: { PATH, HOME, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const port = await new Promise<string>((done, fail) => {
    child.stdout.once('data', (text) => done(String(text).trim()))
    child.once('exit', (code) => fail(new Error(`it ended with ${code}`)))
  })
  return { url: `http://127.0.0.1:${port}`, child }
}

const isStored = async (folder: string, bytes: Uint8Array): Promise<boolean> =>
  Buffer.from(bytes).equals(await readFile(join(folder, 'out', key)))

describe.each(['node-http.mjs', 'hono.mjs', 'express.mjs'])('mounted as in %s', (name) => {
  test('answers beside other things, and stores what it answered before it ends', async () => {
    const folder = await openExample(name)
    const { url, child } = await start(folder, name)
    const cold = await fetch(url + path)
    expect([cold.status, cold.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const bytes = new Uint8Array(await cold.arrayBuffer())
    const head = await fetch(url + path, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
    const part = await fetch(url + path, { headers: { range: 'bytes=0-3' } })
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 4])
    const wrong = await fetch(url + path.replace(/\.[^.]{16}\./, '.AAAAAAAAAAAAAAAA.'))
    expect(wrong.status).toBe(403)
    expect((await fetch(`${url}/other`)).status).toBe(404)
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(await isStored(folder, bytes)).toBe(true)
  })
})

test('mounted as in fetch.mjs', async () => {
  const folder = await openExample('fetch.mjs')
  const module: {
    default: { fetch(request: Request): Promise<Response> }
    close(): Promise<void>
  } = await import(pathToFileURL(join(folder, 'fetch.mjs')).href)
  const response = await module.default.fetch(new Request(`https://example.com${path}`))
  expect(response.status).toBe(200)
  const bytes = new Uint8Array(await response.arrayBuffer())
  await module.close()
  expect(await isStored(folder, bytes)).toBe(true)
})
