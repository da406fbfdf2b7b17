import { describe, expect, it } from 'vitest'
import { openImageWriter, type TextSink } from '../../src/app/site/images.ts'
import { createImages as createInBrowser, type ImagesFile } from '../../src/browser.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { createImages } from '../../src/index.ts'
import { readFacts } from '../../src/page/images-json.ts'
import {
  type BenchOptions,
  createTextRenderer,
  openBench,
  putText,
  SECRET,
} from '../support/bench-project.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { asDatedStore } from '../support/dated-store.ts'
import { openMemoryStore } from '../support/memory-store.ts'

/** Files in memory that stand once they are committed. */
const openFiles = () => {
  const written = new Map<string, string>()
  const openSink = async (name: string): Promise<TextSink> => {
    let text = ''
    return {
      write: async (more) => {
        text += more
      },
      commit: async () => {
        written.set(name, text)
        return true
      },
      discard: async () => {},
    }
  }
  return {
    written,
    read: (folder = ''): ImagesFile => JSON.parse(written.get(`images ${folder}`) ?? 'null'),
    files: {
      openImages: (folder: string) => openSink(`images ${folder}`),
      openTypes: () => openSink('types'),
    },
  }
}

/** A site whose builds write images.json; each build is a new process. */
const openSite = async (config: Partial<ConfigInput> = {}, names = ['a.jpg', 'a.jpg-2.png', 'b/c.jpg']) => {
  const source = asDatedStore(openMemoryStore())
  const output = asDatedStore(openMemoryStore())
  for (const name of names) await putText(source, name, `picture ${name}`)
  const renders: string[] = []
  const plain = createTextRenderer()
  const renderer: BenchOptions['renderer'] = {
    ...plain,
    render: (request) => {
      renders.push(new TextDecoder().decode(request.bytes))
      return plain.render(request)
    },
  }
  const build = async ({ isSplit = false, config: more = {} as Partial<ConfigInput> } = {}) => {
    const bench = openBench({ source, output, renderer, config: { ...config, ...more } })
    const out = openFiles()
    const writer = await openImageWriter({
      config: bench.config,
      keyring: bench.keyring,
      files: out.files,
      isSplit,
    })
    await bench.build({ facts: writer })
    await writer.finish()
    return { ...out, bench }
  }
  return { source, output, renders, build }
}

describe('images.json of a build', () => {
  it('holds of each source its size, type, version, preview and one signature per transform', async () => {
    const site = await openSite()
    const { read, bench } = await site.build()
    expect(Object.keys(read().images)).toEqual(['a.jpg-2.png', 'a.jpg', 'b/c.jpg'])
    const [width, height, type, version, thumbhash, colour, , signatures] = read().images['a.jpg'] ?? []
    expect({ width, height, type, thumbhash, colour }).toMatchObject({
      width: 1000,
      height: 500,
      type: 'jpeg',
    })
    expect([thumbhash, colour]).toEqual(['1QcSHQRnh493V4dIh4eXh1h4kJUI', 'aa8866'])
    expect(version).toMatch(/^[0-9a-f]{10}$/)
    expect(signatures).toBe(
      ['320w.q80', '640w.q80'].map((text) => bench.keyring.sign('a.jpg' as never, text)).join(''),
    )
    expect(createInBrowser(read()).picture('a.jpg', 'content', { alt: '' })).toBe(
      createImages(bench.config, { images: read() }).picture('a.jpg', 'content', { alt: '' }),
    )
  })

  it('is written by a build that has nothing to do, without a decode', async () => {
    const site = await openSite()
    const first = await site.build()
    expect(site.renders).toHaveLength(3)
    const second = await site.build()
    expect(site.renders).toHaveLength(3)
    expect(second.written).toEqual(first.written)
  })

  it('decodes once what was built while nobody asked for it', async () => {
    const site = await openSite()
    await openBench({ source: site.source, output: site.output }).build()
    const { read } = await site.build()
    expect(Object.values(read().images).map((image) => image[5])).toEqual(['aa8866', 'aa8866', 'aa8866'])
    expect(site.renders).toHaveLength(3)
    await site.build()
    expect(site.renders).toHaveLength(3)
  })

  it('decodes once what it makes nothing of', async () => {
    const site = await openSite({ sizes: {}, include: ['**/*.jpg'] })
    expect(Object.keys((await site.build()).read().images)).toEqual(['a.jpg', 'b/c.jpg'])
    expect(site.renders).toHaveLength(2)
    await site.build()
    expect(site.renders).toHaveLength(2)
  })

  it('leaves out what failed, and what was deleted', async () => {
    const site = await openSite()
    await site.build()
    await putText(site.source, 'a.jpg', 'broken')
    await site.source.deleteAll(['b/c.jpg'])
    expect(Object.keys((await site.build()).read().images)).toEqual(['a.jpg-2.png'])
    expect(Object.keys((await site.build()).read().images)).toEqual(['a.jpg-2.png'])
  })

  it('signs only the sizes that are made of a source', async () => {
    const sizes = { content: { widths: [320, 640] }, face: { width: 64, height: 64, match: 'b/**' } }
    const { read } = await (await openSite({ sizes })).build()
    const images = createInBrowser(read())
    expect(images.url('b/c.jpg', 'face')).toContain('/64x64.cover.q80.')
    expect(() => images.url('a.jpg', 'face')).toThrow(/no signature/)
    expect(images.url('a.jpg', 'content')).toContain('/640w.q80.')
  })

  it('gives a changed picture new URLs where versions are on', async () => {
    const site = await openSite({ versions: true })
    const before = createInBrowser((await site.build()).read())
    const url = before.url('a.jpg', 'content')
    expect(url).toMatch(/\/640w\.q80\.v-[0-9a-f]{10}\./)
    await putText(site.source, 'a.jpg', 'another picture')
    const { read, bench } = await site.build()
    const after = createInBrowser(read())
    expect(after.url('a.jpg', 'content')).not.toBe(url)
    expect(after.url('b/c.jpg', 'content')).toBe(before.url('b/c.jpg', 'content'))
    const key = after.url('a.jpg', 'content').slice(bench.config.baseUrl.length)
    expect(await bench.output.head(key)).toBeDefined()
  })

  it('may be split by top folder', async () => {
    const names = ['0.jpg', 'a-1.jpg', 'a/1.jpg', 'a/x/2.jpg', 'b/1.jpg', 'z.jpg']
    const { read, written } = await (await openSite({}, names)).build({ isSplit: true })
    expect([...written.keys()].sort()).toEqual(['images ', 'images a', 'images b', 'types'])
    expect(Object.keys(read().images)).toEqual(['0.jpg', 'a-1.jpg', 'z.jpg'])
    expect(Object.keys(read('a').images)).toEqual(['a/1.jpg', 'a/x/2.jpg'])
    const images = createInBrowser([read(), read('a'), read('b')])
    for (const name of names) expect(images.url(name, 'content')).toContain(`/${name}/`)
  })

  it('comes in the same order however long each source takes', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `${String(i).padStart(3, '0')}.jpg`)
    const site = await openSite({}, names)
    let turn = 0
    const slow = createTextRenderer(() => new Promise((done) => setTimeout(done, (turn++ * 7) % 40)))
    const bench = openBench({ source: site.source, output: site.output, renderer: slow })
    const out = openFiles()
    const { config, keyring } = bench
    const writer = await openImageWriter({ config, keyring, files: out.files, isSplit: false })
    await bench.build({ facts: writer })
    await writer.finish()
    expect(Object.keys(out.read().images)).toEqual(names)
  })

  it('takes about 200 bytes a picture', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `photos/IMG_${String(i).padStart(4, '0')}.jpg`)
    const sizes = {
      content: { widths: [320, 640, 960, 1280, 1920] },
      card: { width: 400, height: 300, densities: [1, 2] },
    }
    const { written } = await (await openSite({ sizes }, names)).build()
    const bytes = Buffer.byteLength(written.get('images ') ?? '') / names.length
    expect(bytes).toBeGreaterThan(150)
    expect(bytes).toBeLessThan(230)
  })

  it('is not touched by a build that ends early', async () => {
    const { config, keyring } = openBench({ config: { secret: SECRET } })
    const out = openFiles()
    const writer = await openImageWriter({ config, keyring, files: out.files, isSplit: false })
    await writer.announce('a.jpg' as never)
    await writer.discard()
    expect(out.written.size).toBe(0)
  })
})

it('a file of images that is damaged is read soon', async () => {
  await expectCpuWithin(2, () => {
    const facts = readFacts([3, 2, `gif${'*'.repeat(200_000)}x`, '', '', '', '', ''])
    expect(facts.mediaFormat).toBe('gif')
  })
})
