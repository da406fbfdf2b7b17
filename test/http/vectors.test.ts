import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Format } from '../../src/core/format.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { listOutput, makeProject, run, SECRET } from '../cli/support.ts'
import { testKey } from '../support/origin.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const keyOf = (source: string, transform: string, ext: Format | 'auto'): string =>
  testKey(keyring, source, { transform, ext })

const ask = (serve: ServeProcess, key: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${serve.port}/${key}`, init)

const svg = (inner: string): string =>
  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">${inner}</svg>`

const SIZES = { sizes: { content: { widths: [32, 64] }, social: { width: 16, draw: true } } }

/** A project with drawings, and nothing else. */
const makeDrawings = async (
  drawings: Readonly<Record<string, string>>,
  changes: Record<string, unknown> = {},
): Promise<string> => {
  const cwd = await makeProject([], { ...SIZES, ...changes })
  for (const [name, text] of Object.entries(drawings)) await writeFile(join(cwd, 'photos', name), text)
  return cwd
}

const RED = svg('<!-- red --><rect width="20" height="10" fill="red"/>')
const CLEAN = RED.replace(/<\?.*?\?>|<!--.*?-->/g, '')

test('build makes one vector of a drawing, and serve answers the very same, where nothing in it can run', async () => {
  const cwd = await makeDrawings({ 'a.svg': RED, 'b.svg': RED })
  expect((await run(['build', '--only', 'a.svg'], { cwd })).code).toBe(0)
  const vector = keyOf('a.svg', 'full.q80', 'svg')
  expect(await listOutput(cwd)).toEqual(
    ['png', 'webp'].map((ext) => keyOf('a.svg', '16w.q80', ext as Format)).concat(vector),
  )
  expect(await readFile(join(cwd, 'out', vector), 'utf8')).toBe(CLEAN)
  const serve = await startServe({ cwd })
  for (const name of ['a.svg', 'b.svg']) {
    const answer = await ask(serve, keyOf(name, 'full.q80', 'svg'))
    expect([answer.status, await answer.text()]).toEqual([200, CLEAN])
    expect(answer.headers.get('content-type')).toBe('image/svg+xml')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none';.*; sandbox$/)
    expect(policy).not.toMatch(/script|allow|\*|https?:/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const auto = await ask(serve, keyOf(name, 'full.q80', 'auto'), { headers: { accept: 'image/avif' } })
    expect(await auto.text()).toBe(CLEAN)
    expect(auto.headers.get('content-location')).toBe(`/${keyOf(name, 'full.q80', 'svg')}`)
    expect(auto.headers.get('content-security-policy')).toBe(policy)
    const known = await ask(serve, keyOf(name, 'full.q80', 'svg'), {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    })
    expect([known.status, known.headers.get('content-security-policy')]).toEqual([304, policy])
  }
  const pixels = await ask(serve, keyOf('a.svg', '32w.q80', 'auto'), { headers: { accept: 'image/webp' } })
  expect(pixels.headers.get('content-type')).toBe('image/webp')
  expect(await serve.stop()).toBe(0)
  await run(['build'], { cwd }) // what serve had no time for
  expect((await run(['plan', '--check'], { cwd })).code).toBe(0)
  expect((await run(['verify'], { cwd })).code).toBe(0)
})

test('a drawing that no size draws is never drawn, and its facts are known all the same', async () => {
  const slow = svg(
    `<filter id="f">${'<feTurbulence baseFrequency=".01" numOctaves="200"/>'.repeat(2000)}</filter><path filter="url(#f)" d="M0 0h9v9z"/>`,
  )
  const sizes = { content: { widths: [2000] } }
  const cwd = await makeDrawings({ 'a.svg': slow }, { sizes, limits: { renderTimeout: '5s' } })
  for (const rendered of [1, 0]) {
    const built = await run(['build', '--json', '--images', 'images.json'], { cwd })
    expect(JSON.parse(built.stdout)).toMatchObject({ rendered, failed: 0, bytesIn: rendered * slow.length })
    const { images } = JSON.parse(await readFile(join(cwd, 'images.json'), 'utf8'))
    expect(images['a.svg'].slice(0, 7)).toEqual([20, 10, 'svg*', expect.any(String), '', '', ''])
  }
})

test('verify finds a vector that is not as it was cleaned, and --repair makes it again', async () => {
  const cwd = await makeDrawings({ 'a.svg': RED })
  await run(['build'], { cwd })
  const file = join(cwd, 'out', keyOf('a.svg', 'full.q80', 'svg'))
  await writeFile(file, RED.replace('/>', ' onclick="alert(1)"/>'))
  const found = await run(['verify', '--json'], { cwd })
  expect(JSON.parse(found.stdout).bad).toEqual([
    { key: keyOf('a.svg', 'full.q80', 'svg'), code: 'svg-unsafe' },
  ])
  await run(['verify', '--repair'], { cwd })
  expect(await readFile(file, 'utf8')).toBe(CLEAN)
})

test('a drawing with a script is drawn, and no vector of it is served', async () => {
  const cwd = await makeDrawings({ 'a.svg': svg('<script>alert(1)</script><rect width="9" height="9"/>') })
  const built = await run(['build'], { cwd })
  expect([built.code, built.stderr]).toMatchObject([1, expect.stringMatching(/vector-unsafe/)])
  expect(await listOutput(cwd)).toHaveLength(2)
  const serve = await startServe({ cwd })
  const refused = await ask(serve, keyOf('a.svg', 'full.q80', 'svg'))
  expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'vector-unsafe' }])
  expect((await ask(serve, keyOf('a.svg', '64w.q80', 'png'))).status).toBe(200)
  expect(await serve.stop()).toBe(0)
})

test('where vectors are drawn there are none, and every size is of pixels', async () => {
  const cwd = await makeDrawings({ 'a.svg': RED }, { vectors: 'draw' })
  await run(['build'], { cwd })
  expect(await listOutput(cwd)).toHaveLength(6)
  const serve = await startServe({ cwd })
  expect((await ask(serve, keyOf('a.svg', 'full.q80', 'svg'))).status).toBe(404)
  const auto = await ask(serve, keyOf('a.svg', 'full.q80', 'auto'))
  expect(auto.headers.get('content-type')).toBe('image/png')
  expect(await serve.stop()).toBe(0)
})

test('where only what is configured is made, a vector is, and its pixels are not', async () => {
  const cwd = await makeDrawings({ 'a.svg': RED }, { serve: { allow: 'configured' } })
  const serve = await startServe({ cwd })
  const statusOf = async (transform: string, ext: Format): Promise<number> =>
    (await ask(serve, keyOf('a.svg', transform, ext))).status
  expect(await statusOf('full.q80', 'svg')).toBe(200)
  expect(await statusOf('16w.q80', 'webp')).toBe(200)
  expect(await statusOf('full.q80', 'png')).toBe(404)
  expect(await statusOf('full.q70', 'svg')).toBe(404)
  expect(await statusOf('32w.q80', 'webp')).toBe(404)
  expect(await serve.stop()).toBe(0)
})

test('what only its name calls a drawing has no vector', async () => {
  const cwd = await makeDrawings({
    'a.svg': 'GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;',
  })
  const built = await run(['build'], { cwd })
  expect([built.code, built.stderr]).toMatchObject([1, expect.stringMatching(/no drawing, though its name/)])
})
