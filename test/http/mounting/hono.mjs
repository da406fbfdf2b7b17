import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createHandler, loadConfig } from 'imgsizes/server'

const handler = createHandler(await loadConfig())

const app = new Hono().get('/img/*', ({ req }) => handler(req.raw)).get('/', ({ text }) => text('home'))
const port = Number(process.env.PORT ?? 3000)
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info) => console.log(info.port))

process.once('SIGTERM', () => server.close(() => handler.close()))
