import { words } from '../support/words.ts'
/** What matters in JSON. */
export const JSON_WORDS = words(`
  null true -1 1e999 {} [] "" "__proto__": "constructor": "a": , : \\u0000 \\ud800 [[[[ 0.5
`)
