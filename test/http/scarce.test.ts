import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createKeyring } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import { makeProject, SECRET } from '../cli/support.ts'
import { testKey } from '../support/origin.ts'
import { startServe } from '../support/serve-process.ts'

const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const urlOf = ({ port }: { readonly port: number }, source: string): string =>
  `http://127.0.0.1:${port}/${encodePath(testKey(keyring, source, { transform: '32w.q80' }))}`

/** A connection on which `/healthz` was answered, and which is kept. */
const keepAlive = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n')
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
  return socket
}

test('a log that nobody reads takes no more than a few megabytes, tells what it has lost, and keeps no process alive', async () => {
  const cwd = await makeProject([])
  const serve = await startServe({ cwd, args: ['--workers', '1'] })
  serve.child.stderr?.pause()
  const socket = await keepAlive(serve.port)
  let answers = ''
  socket.on('data', (text) => {
    answers += text
  })
  const fill = async (requests: number): Promise<void> => {
    answers = ''
    socket.write(`GET /${'x'.repeat(8_000)} HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(requests))
    while (answers.split('HTTP/1.1 404').length <= requests) await once(socket, 'data')
  }
  await fill(750)
  serve.child.stderr?.resume()
  await expect.poll(serve.stderr).toContain('"msg":"log lines lost"')
  expect(serve.stderr().length).toBeLessThan(6_000_000)
  serve.child.stderr?.pause()
  await fill(200)
  serve.child.kill('SIGTERM')
  expect(await once(serve.child, 'exit')).toEqual([0, null])
})

test('of 1,024 files that may be open, a thousand connections leave enough to render', async () => {
  const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg'])
  const serve = await startServe({ cwd, launcher: ['prlimit', '--nofile=1024:1024'] })
  const sockets: Socket[] = []
  for (let i = 0; i < 20; i++)
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => keepAlive(serve.port)))))
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => fetch(urlOf(serve, `${name}.jpg`))))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  for (const socket of sockets) socket.destroy()
  expect((await fetch(urlOf(serve, 'a.jpg'))).status).toBe(200)
  expect(await serve.stop()).toBe(0)
  expect(serve.stderr().match(/"msg":"too many connections"/g)?.length).toBeLessThan(4)
  expect(serve.stderr()).toContain('ulimit -n')
})
