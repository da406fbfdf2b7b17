import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Rollup } from 'vite'
import { afterAll, describe, expect, it } from 'vitest'
import { createImages } from '../../src/index.ts'
import { CONFIG, makeImagesJson, THUMBHASH } from './support.ts'

const RECIPES = resolve(import.meta.dirname, 'recipes')
const FACTS = { 'photos/cat.jpg': { width: 2725, height: 2225, thumbhash: THUMBHASH, colour: 'aa8866' } }

describe('recipes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-recipes-'))
  writeFileSync(join(folder, 'images.json'), JSON.stringify(makeImagesJson(FACTS)))
  // What JSX becomes; each element is a tag and its properties.
  writeFileSync(
    join(folder, 'h.js'),
    'export const h = (tag, props, ...children) => ({ tag, props, children })\n',
  )
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const images = createImages(CONFIG)

  /** Bundles a recipe as a framework would, beside an images.json, and imports it. */
  const load = async (name: string): Promise<Record<string, (options: unknown) => unknown>> => {
    const built = await build({
      configFile: false,
      logLevel: 'error',
      root: folder,
      esbuild: { jsxFactory: 'h', jsxInject: `import { h } from '${join(folder, 'h.js')}'` },
      resolve: {
        alias: {
          'imgsizes/browser': resolve(import.meta.dirname, '../../src/browser.ts'),
          [join(RECIPES, 'images.json')]: join(folder, 'images.json'),
          './images.json': join(folder, 'images.json'),
        },
      },
      build: {
        write: false,
        modulePreload: false,
        rollupOptions: { input: join(RECIPES, name), preserveEntrySignatures: 'strict' },
      },
    })
    const [chunk] = (built as Rollup.RollupOutput).output
    const file = join(folder, `${name}.mjs`)
    writeFileSync(file, chunk.code)
    return import(pathToFileURL(file).href)
  }

  it('Next.js: the loader takes any width and gives a configured one', async () => {
    const { default: loader } = await load('next-loader.js')
    const urlFor = (width: number) => loader?.({ src: 'photos/cat.jpg', width, quality: 75 })
    for (const [asked, configured] of [
      [16, 320],
      [384, 640],
      [640, 640],
      [750, 960],
      [3840, 960],
    ] as const)
      expect(urlFor(asked)).toBe(images.url('photos/cat.jpg', `${configured}w.q80`, { format: 'webp' }))
  })

  it('React, Preact, Solid: sources spread into JSX', async () => {
    const { Picture } = await load('picture.jsx')
    const options = {
      source: 'photos/cat.jpg',
      size: 'card',
      alt: 'A cat',
      placeholder: 'thumbhash',
      class: 'x',
    }
    const element = Picture?.(options) as {
      readonly tag: string
      readonly children: readonly unknown[]
    }
    expect(element.tag).toBe('picture')
    expect(element.children).toMatchObject([
      [
        { tag: 'source', props: { type: 'image/avif' } },
        { tag: 'source', props: { type: 'image/webp' } },
      ],
      {
        tag: 'img',
        props: { alt: 'A cat', className: 'x', loading: 'lazy', decoding: 'async', width: 400, height: 300 },
      },
    ])
    expect(JSON.stringify(element)).toContain('"srcSet":"https://img.example.com/photos/cat.jpg/400x300')
    expect(JSON.stringify(element)).toContain('"style":{"background":"#aa8866 url(')
  })
})
