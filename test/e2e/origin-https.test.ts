import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEdgeSite, pathOf } from '../support/edge-site.ts'
import { type Front, freePort, startNginx } from '../support/front.ts'
import { createBucket, s3Endpoint } from '../support/s3.ts'
import type { Site } from '../support/site.ts'

/**
 * nginx before a bucket as AWS has them: by HTTPS, under a name that is looked up again and again. Ceph stands behind a
 * TLS server and a name server of our own; only the authority that nginx trusts is another than in the printed text.
 */

const HOST = 'pictures.s3.test'

/** A name server that says 127.0.0.1 to every question for an address, and nothing to others. */
const startNameServer = async (): Promise<{ address: string; close: () => void }> => {
  const socket = createSocket('udp4')
  socket.on('message', (question, { port }) => {
    const end = question.indexOf(0, 12) + 5
    const isAddress = question.readUInt16BE(end - 4) === 1
    const head = Buffer.from(question.subarray(0, end))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(isAddress ? 1 : 0, 6)
    head.fill(0, 8, 12)
    const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])
    socket.send(isAddress ? Buffer.concat([head, answer]) : head, port, '127.0.0.1')
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return { address: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() }
}

/** Ceph by TLS; `names` are those that visitors asked for in the handshake. */
const startTls = async (folder: string): Promise<{ port: number; names: unknown[]; close: () => void }> => {
  const names: unknown[] = []
  const server = createServer(
    { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) },
    (incoming, outgoing) => {
      names.push('servername' in incoming.socket ? incoming.socket.servername : undefined)
      const { method, headers } = incoming
      const onward = request(new URL(incoming.url ?? '', s3Endpoint()), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      onward.end()
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, names, close }
}

describe('nginx before a bucket by HTTPS', () => {
  const ends: (() => unknown)[] = []
  let site: Site
  let tls: Awaited<ReturnType<typeof startTls>>
  let printed = ''
  const port = { trusting: 0, wary: 0 }
  let trusting: Front
  let wary: Front

  beforeAll(async () => {
    const bucket = await createBucket('https')
    const query = `endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true&acl=public-read`
    site = await openEdgeSite(`s3://${bucket}/out?${query}`)
    const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`]
    const files = ['-keyout', join(site.folder, 'key.pem'), '-out', join(site.folder, 'cert.pem')]
    const newkey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    execFileSync('openssl', ['req', '-x509', ...newkey, '-nodes', '-days', '2', ...subject, ...files], {
      stdio: 'ignore',
    })
    tls = await startTls(site.folder)
    const names = await startNameServer()
    port.trusting = await freePort()
    port.wary = await freePort()
    const flags = [
      ...['--bucket-url', `https://${HOST}:${tls.port}/${bucket}/`, '--resolver', names.address],
      ...['--cache', join(site.folder, 'cache'), '--listen', `127.0.0.1:${port.trusting}`],
    ]
    printed = (await site.run('origin', 'nginx', ...flags)).stdout
    const ours = printed.replaceAll('/etc/ssl/certs/ca-certificates.crt', join(site.folder, 'cert.pem'))
    trusting = await startNginx(ours, port.trusting)
    const distrusting = printed
      .replace(`:${port.trusting};`, `:${port.wary};`)
      .replace(join(site.folder, 'cache'), join(site.folder, 'cache2'))
    wary = await startNginx(distrusting, port.wary)
    ends.push(site.remove, tls.close, names.close, trusting.stop, wary.stop)
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })

  it('finds the bucket by its name, and reads', async () => {
    const response = await fetch(`${trusting.url}/pic/${pathOf('plain.jpg', 'webp')}`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const auto = await fetch(`${trusting.url}/pic/${pathOf('plain.jpg', 'auto')}`, {
      headers: { accept: 'image/avif' },
    })
    expect([auto.status, auto.headers.get('content-type')]).toEqual([200, 'image/avif'])
    expect(tls.names).toEqual([HOST, HOST])
  })

  it('trusts nobody whom the authorities of the machine do not know', async () => {
    const before = tls.names.length
    const response = await fetch(`${wary.url}/pic/${pathOf('plain.jpg', 'webp')}`)
    expect([response.status, await response.json()]).toMatchObject([502, { code: 'unavailable' }])
    expect(wary.log()).toContain('upstream SSL certificate verify error')
    expect(tls.names.length).toBe(before)
  })
})
