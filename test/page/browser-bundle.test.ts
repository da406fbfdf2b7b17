import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rollup } from 'vite'
import { expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'

const BROWSER = resolve(import.meta.dirname, '../../src/browser.ts')

it('imgsizes/browser is a few kilobytes, and nothing of Node', async () => {
  const folder = makeFolder()
  writeFileSync(join(folder, 'main.js'), `export { createImages } from ${JSON.stringify(BROWSER)}\n`)
  const built = await build({
    root: folder,
    logLevel: 'error',
    configFile: false,
    build: {
      write: false,
      minify: 'esbuild',
      // Not as a library: Vite leaves those their white space.
      rollupOptions: { input: join(folder, 'main.js'), preserveEntrySignatures: 'strict' },
      modulePreload: false,
    },
  })
  const code = (built as Rollup.RollupOutput).output
    .map((chunk) => ('code' in chunk ? chunk.code : ''))
    .join('')
  process.stderr.write(`imgsizes/browser: ${code.length} bytes minified, ${gzipSync(code).length} gzipped\n`)
  expect(code).toContain('createImages')
  expect(code).not.toMatch(/node:|require\(|process\.|Buffer/)
  expect(code.length).toBeLessThan(21_500)
  expect(gzipSync(code).length).toBeLessThan(8_700)
})
