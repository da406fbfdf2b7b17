import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform as compileAstro } from '@astrojs/compiler'
import { transform as dropTypes } from 'esbuild'
import type { Component as SvelteComponent } from 'svelte'
import { compile as compileSvelte } from 'svelte/compiler'
import { render as renderSvelte } from 'svelte/server'
import { build, type Rollup } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Component, createSSRApp } from 'vue'
import { compileScript, parse as parseVue } from 'vue/compiler-sfc'
import { renderToString } from 'vue/server-renderer'
import { createImages } from '../../src/index.ts'
import type { ImportedPicture } from '../../src/page/imported-picture.ts'
import { CONFIG, makeImagesJson, parse, THUMBHASH } from './support.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const RECIPES = resolve(import.meta.dirname, 'recipes')
const FACTS = { 'photos/cat.jpg': { width: 2725, height: 2225, thumbhash: THUMBHASH, colour: 'aa8866' } }

/** Recipes are compiled as their frameworks do it, and rendered. */
describe('recipes', () => {
  // Below the packages that compiled components import.
  mkdirSync(join(REPOSITORY, 'node_modules/.cache'), { recursive: true })
  const folder = mkdtempSync(join(REPOSITORY, 'node_modules/.cache/recipes-'))
  beforeAll(() => writeFileSync(join(folder, 'images.json'), JSON.stringify(makeImagesJson(FACTS))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const images = createImages(CONFIG, { images: makeImagesJson(FACTS) })

  const read = (name: string): string => readFileSync(join(RECIPES, name), 'utf8')
  const load = async <T>(name: string, code: string): Promise<T> => {
    const file = join(folder, `${basename(name)}.mjs`)
    writeFileSync(file, code)
    return import(pathToFileURL(file).href)
  }

  it('Next.js: every width that its configuration has next/image ask for is a configured one', async () => {
    const built = await build({
      configFile: false,
      logLevel: 'error',
      root: folder,
      resolve: {
        alias: {
          'imgsizes/browser': resolve(REPOSITORY, 'src/browser.ts'),
          './images.json': join(folder, 'images.json'),
        },
      },
      build: {
        write: false,
        modulePreload: false,
        rollupOptions: { input: join(RECIPES, 'image-loader.js'), preserveEntrySignatures: 'strict' },
      },
    })
    const [chunk] = (built as Rollup.RollupOutput).output
    const { default: loader } = await load<{ default: (asked: object) => string }>('loader', chunk.code)
    const { default: config } = await import(pathToFileURL(join(RECIPES, 'next.config.mjs')).href)
    expect(config.images.deviceSizes).toEqual([320, 640, 960])
    for (const width of config.images.deviceSizes)
      expect(loader({ src: 'photos/cat.jpg', width, quality: 75 })).toBe(
        images.url('photos/cat.jpg', `${width}w.q80`, { format: 'webp' }),
      )
  })

  interface Props {
    readonly picture: ImportedPicture
    readonly alt: string
    readonly [attribute: string]: unknown
  }

  const FRAMEWORKS: Readonly<Record<string, (props: Props) => Promise<string>>> = {
    'picture.tsx': async (props) => {
      const { code } = await dropTypes(read('picture.tsx'), { loader: 'tsx', jsxFactory: 'h' })
      const { Picture } = await load<{ Picture: (props: Props) => string }>('react', JSX + code)
      return Picture(props)
    },
    'picture.vue': async (props) => {
      const { descriptor } = parseVue(read('picture.vue'))
      const { content } = compileScript(descriptor, {
        id: 'x',
        inlineTemplate: true,
        templateOptions: { ssr: true },
      })
      const { code } = await dropTypes(content, { loader: 'ts' })
      const { default: picture } = await load<{ default: Component }>('vue', code)
      return renderToString(createSSRApp(picture, props))
    },
    'picture.svelte': async (props) => {
      const { js } = compileSvelte(read('picture.svelte'), { generate: 'server' })
      const { default: picture } = await load<{ default: SvelteComponent }>('svelte', js.code)
      return renderSvelte(picture, { props: { ...props } }).body
    },
    'picture.astro': async (props) => {
      writeFileSync(join(folder, 'astro.mjs'), ASTRO)
      const { code } = await compileAstro(read('picture.astro'), {
        internalURL: './astro.mjs',
        filename: 'x.astro',
      })
      const { code: script } = await dropTypes(code, { loader: 'ts' })
      const { default: picture } = await load<{ default: (props: Props) => string }>('component', script)
      return picture(props)
    },
  }

  describe.each(Object.entries(FRAMEWORKS))('%s', (_, render) => {
    it('shows what an import of the Vite plugin gives', async () => {
      const { sources, img } = images.sources('photos/cat.jpg', 'content', { alt: '' })
      const { alt: _alt, loading: _loading, decoding: _decoding, ...rest } = img
      const html = await render({ picture: { sources, img: rest }, alt: 'A <cat>', id: 'x' })
      const [picture] = parse(html)
      expect(picture?.tag).toBe('picture')
      expect(picture?.children.map(({ attributes }) => attributes.type)).toEqual([
        'image/avif',
        'image/webp',
        undefined,
      ])
      for (const [index, { srcSet, sizes }] of [...sources, img].entries())
        expect(picture?.children[index]?.attributes).toMatchObject({ srcset: srcSet, sizes })
      expect(picture?.children.at(-1)?.attributes).toMatchObject({
        src: img.src,
        width: '960',
        height: '784',
        alt: 'A <cat>',
        loading: 'lazy',
        decoding: 'async',
        id: 'x',
      })
    })

    it('has the sizes that the page says in every format', async () => {
      const picture = images.sources('photos/cat.jpg', 'content', { alt: '' })
      const [{ children = [] } = {}] = parse(await render({ picture, alt: '', sizes: '50vw' }))
      expect(children.map(({ attributes }) => attributes.sizes)).toEqual(['50vw', '50vw', '50vw'])
    })

    it('shows art direction from images.sources, and what the page says of it', async () => {
      const sizes = { '(max-width: 600px)': 'square', default: 'card' }
      const options = { alt: 'A cat', fetchPriority: 'high', class: 'wide' } as const
      const picture = images.sources('photos/cat.jpg', sizes, options)
      const html = await render({ picture, alt: 'A cat', loading: 'eager', width: 100 })
      const [{ children = [] } = {}] = parse(html)
      expect(children.map(({ attributes: { media, width } }) => [media, width])).toEqual([
        ['(max-width: 600px)', '300'],
        ['(max-width: 600px)', '300'],
        [undefined, undefined],
        [undefined, undefined],
        [undefined, '100'],
      ])
      expect(children.at(-1)?.attributes).toMatchObject({
        class: 'wide',
        fetchpriority: 'high',
        loading: 'eager',
        height: '300',
      })
    })
  })
})

/** What React, Preact and Solid make of JSX, as HTML. */
const JSX = `const names = { className: 'class' }
const toAttribute = ([name, value]) =>
  value === undefined || name === 'key' ? '' : \` \${names[name] ?? name.toLowerCase()}="\${String(value).replaceAll('<', '&lt;')}"\`
const h = (tag, props, ...children) =>
  \`<\${tag}\${Object.entries(props ?? {}).map(toAttribute).join('')}>\${children.flat().join('')}\${tag === 'picture' ? '</picture>' : ''}\`
`

/** As much of Astro's runtime as a component without others needs; its package brings hundreds of others. */
const ASTRO = `const escape = (value) => String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
export const addAttribute = (value, name) => (value == null || value === false ? '' : \` \${name}="\${escape(value)}"\`)
export const spreadAttributes = (values) => Object.entries(values).map(([name, value]) => addAttribute(value, name)).join('')
const flat = (value) => (Array.isArray(value) ? value.map(flat).join('') : (value ?? ''))
export const render = (texts, ...values) => texts.map((text, index) => text + flat(values[index])).join('')
export const createAstro = () => ({})
export const createComponent = (make) => (props) => make({ createAstro: () => ({ props }) }, props, {})
export const maybeRenderHead = () => ''
export const createMetadata = () => ({})
export const [Fragment, renderComponent, renderSlot, mergeSlots, renderHead, unescapeHTML, renderTransition] = []
export const [createTransitionScope, renderScript, defineStyleVars, defineScriptVars] = []
`
