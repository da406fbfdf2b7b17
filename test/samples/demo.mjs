// `npm run demo`: builds the pictures of this repository, and a page that shows them.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createImages } from '../../dist/browser.js'
import { formatDemoPage, formatKilobytes, weighVisits } from './demo-page.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const demo = join(root, 'demo')

/** Runs the program as a user would; leaves with its exit code where it fails. */
const imgsizes = (...args) => {
  const command = ['bin/imgsizes.cjs', ...args, '--config', 'imgsizes.config.ts']
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    // A progress bar on a terminal; lines for a log would be longer than this is worth.
    stdio: ['ignore', 'pipe', process.stderr.isTTY ? 'inherit' : 'pipe'],
    encoding: 'utf8',
  })
  if (status === 0) return stdout.trimEnd()
  process.stderr.write(stderr ?? '')
  process.exit(status ?? 1)
}

/** The bytes of every file below a folder, by its path from `from` on; what begins with a dot is not ours to show. */
const weigh = (folder, from) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes(`${sep}.`))
      .map((path) => [relative(from, path).split(sep).join('/'), statSync(path).size])
      .sort(),
  )

const sum = (bytes) => Object.values(bytes).reduce((total, each) => total + each, 0)

const imagesFile = join(demo, 'images.json')
// The demo has next steps of its own.
const [report] = imgsizes('build', '--images', imagesFile).split('\n\nfiles ')
const urls = imgsizes('url', 'landscape/dunes.jpg', '--transform', '640w.q80')

// The page lies beside the results, and is opened as a file: its URLs are relative.
const images = createImages({ ...JSON.parse(readFileSync(imagesFile, 'utf8')), baseUrl: 'public/img/' })
const photos = join(root, 'test/samples/photos')
const originals = weigh(photos, photos)
const results = weigh(join(demo, 'public/img'), demo)
const visits = weighVisits(images, (path) => results[path])
writeFileSync(join(demo, 'index.html'), formatDemoPage(images, { originals, results, visits }))

const before = sum(originals)
const row = (name, from, to, saved) =>
  `  ${name.padEnd(24)}${from.padStart(12)}${to.padStart(12)}${saved.padStart(10)}`

console.log(`${report}

What one visitor loads of a page that shows them all:

${row('', 'originals', 'built', 'saved')}
${visits.map(({ name, bytes }) => row(name, formatKilobytes(before), formatKilobytes(bytes), `${Math.round((1 - bytes / before) * 100)} %`)).join('\n')}

In the store is every size in every format, for every screen and browser. A
visitor loads one of each picture. The URLs of one of them:
${urls.replaceAll(/^/gm, '  ')}

npm run demo:serve answers them, and makes any other size when it is first
asked for. Its URL, for instance:
  node bin/imgsizes.cjs url landscape/dunes.jpg --transform 500x500.cover.q80

To see them all, open demo/index.html in a browser.`)
