import { expect, it } from 'vitest'
import { formatCaddy } from '../../src/edge/caddy.ts'
import type { EdgeSite } from '../../src/edge/edge-site.ts'
import { formatNginx } from '../../src/edge/nginx.ts'
import { SITE } from './support.ts'

/**
 * All that is printed, to the letter: what each line does, only the servers themselves show (`e2e/origin`). After a change
 * that they have confirmed, `npx vitest run test/edge/printed.test.ts -u` writes these files anew.
 */

const NGINX = { listen: '80', resolvers: ['127.0.0.53'], cacheFolder: '/var/cache/x' }
/** Its pages may be read by others, and URLs of another image server begin as ours do. */
const BUCKET: EdgeSite = {
  ...SITE,
  cors: ['https://a.example', 'https://b.example'],
  timingAllowOrigin: ['https://a.example'],
  foreign: ['/img/'],
}
const FOLDER: EdgeSite = { ...SITE, store: { kind: 'folder', path: '/srv/out' }, foreign: ['/t/'] }

it.each([
  ['nginx-bucket.conf', formatNginx(BUCKET, NGINX)],
  ['nginx-folder.conf', formatNginx(FOLDER, NGINX)],
  ['caddy-bucket.txt', formatCaddy(BUCKET, { address: undefined })],
  ['caddy-folder.txt', formatCaddy(FOLDER, { address: undefined })],
])('%s', async (name, text) => {
  await expect(text).toMatchFileSnapshot(`printed/${name}`)
})
