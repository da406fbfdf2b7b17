/** Run as `node --import jiti/register folder-writer.ts <folder>`: replaces and creates objects until it is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openFolderStore } from '../../src/store/folder.ts'

const store = openFolderStore({ path: process.argv[2] ?? '', create: true })
const headers = { contentType: 'image/webp', cacheControl: '', metadata: {} }
for (let i = 0; ; i++) {
  // One letter throughout: a mixture, or another length, is half an object.
  const bytes = Buffer.alloc(2_000_000, 65 + (i % 26))
  await store.put('replaced', bytes, { headers })
  await store.put(`created/${process.pid}/${i % 5}`, bytes, { headers, createOnly: true })
  await store.deleteAll([`created/${process.pid}/${(i + 2) % 5}`])
  if (i === 0) process.stdout.write('writing\n')
  // So long that somebody who looks now and then sees both: a file in the making, and none.
  await sleep(5)
}
