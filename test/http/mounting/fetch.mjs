import { createHandler, loadConfig } from 'imgsizes/server'

const handler = createHandler(await loadConfig({ cwd: import.meta.dirname }))

// The shape that Deno, Bun, workers of your framework and tests take.
export default { fetch: (request) => handler(request) }
export const close = () => handler.close()
