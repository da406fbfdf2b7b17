import express from 'express'
import { createHandler, loadConfig } from 'imgsizes/server'

const handler = createHandler(await loadConfig())

const app = express()
app.use('/img', handler.node) // the path of baseUrl
app.get('/', (_request, response) => response.send('home'))
const port = Number(process.env.PORT ?? 3000)
const server = app.listen(port, '127.0.0.1', () => console.log(server.address().port))

// What was rendered is stored after it was answered.
process.once('SIGTERM', () => server.close(() => handler.close()))
