import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createHandler } from 'imgsizes/server'
import config from './imgsizes.config.mjs'

const handler = createHandler(config)

const server = createServer(async ({ method, url, headers }, outgoing) => {
  if (!url.startsWith('/img/')) return outgoing.writeHead(404).end()
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const request = new Request('http://localhost/', { method, headers, signal: gone.signal })
  const response = await handler(request, { rawTarget: url }) // never rejects; the URL as it came
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body) await pipeline(response.body, outgoing).catch(() => {})
  else outgoing.end()
})
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(server.address().port))

// What was rendered is stored after it was answered.
process.once('SIGTERM', () => server.close(() => handler.close()))
