import { createServer } from 'node:http'
import { createHandler, loadConfig } from 'imgsizes/server'

const handler = createHandler(await loadConfig())

const server = createServer((request, response) => {
  if (request.url.startsWith('/img/'))
    handler.node(request, response) // the path of baseUrl
  else response.writeHead(404).end()
})
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(server.address().port))

// What was rendered is stored after it was answered.
process.once('SIGTERM', () => server.close(() => handler.close()))
