import { createHandler } from 'imgsizes/server'
import config from './imgsizes.config.mjs'

const handler = createHandler(config, { root: import.meta.dirname })

// The shape that Deno, Bun, workers of your framework and tests take.
export default { fetch: (request) => handler(request) }
export const close = () => handler.close()
