// `npm run demo`: builds the pictures of this repository and says where to look next.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the program as a user would; leaves with its exit code where it fails. */
const imgsizes = (args, stdout) => {
  const command = ['bin/imgsizes.cjs', ...args, '--config', 'imgsizes.config.ts']
  const { status, stdout: text } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
  })
  if (status !== 0) process.exit(status ?? 1)
  return text ?? ''
}

const urlsOf = (source, ...flags) =>
  imgsizes(['url', source, ...flags], 'pipe')
    .trim()
    .split('\n')

imgsizes(['build'], 'inherit')
console.log('\nSigned URLs, three of many:')
for (const [url] of [
  urlsOf('landscape/mountain-lake.jpg', '--transform', '960w.q80', '--format', 'avif'),
  urlsOf('landscape/dunes.jpg', '--size', 'card', '--format', 'webp'),
  urlsOf('avatars/ada.jpg', '--size', 'avatar', '--format', 'original'),
])
  console.log(`  ${url}`)
console.log(`
The files are in demo/public/img, under the same paths.
Next: npm run demo:serve, and open one of these URLs. Any other size works, too, and is stored when it is first seen:
  node bin/imgsizes.cjs url landscape/dunes.jpg --transform 500x500.cover.q80`)
