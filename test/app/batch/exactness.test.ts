import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openFolderStore } from '../../../src/store/folder.ts'
import {
  createTextRenderer,
  getText,
  listKeys,
  openBench,
  picture,
  putText,
} from '../../support/bench-project.ts'
import { makeFolder } from '../../support/folder.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

/** The law Stale where dates lie: on a real folder, with its real clock. */
describe('a replaced original is made again', () => {
  let folder = ''
  beforeEach(() => {
    folder = makeFolder()
  })

  const open = (gate?: () => Promise<void>) =>
    openBench({
      source: openFolderStore({ path: folder, trustChangeTime: true }),
      config: { formats: ['original'], sizes: { one: { widths: [320] } } },
      renderer: createTextRenderer(gate),
    })
  const shown = async (bench: ReturnType<typeof open>): Promise<string | undefined> => {
    const [key = ''] = (await listKeys(bench.output)).filter((each) => !each.startsWith('.imgsizes/'))
    return getText(bench.output, key)
  }
  const file = (): string => join(folder, 'a.jpg')

  it('with an older date', async () => {
    const bench = open()
    writeFileSync(file(), 'first')
    await bench.build()
    writeFileSync(file(), 'other')
    utimesSync(file(), 1_000_000, 1_000_000)
    await bench.build()
    expect(await shown(bench)).toBe(picture('other', '80', 'jpg'))
    expect((await bench.plan()).counts).toMatchObject({ present: 1, missing: 0, stale: 0 })
  })

  it('with the size and date of the one before', async () => {
    const bench = open()
    writeFileSync(file(), 'first')
    const { atime, mtime } = statSync(file())
    await bench.build()
    writeFileSync(file(), 'other')
    utimesSync(file(), atime, mtime)
    await bench.build()
    expect(await shown(bench)).toBe(picture('other', '80', 'jpg'))
  })

  it('within the grain of the clock, size and date alike, as often as one likes', async () => {
    const bench = open()
    for (let i = 0; i < 25; i++) {
      writeFileSync(file(), `text ${i % 10}`)
      const { atime, mtime } = statSync(file())
      await bench.build()
      writeFileSync(file(), `TEXT ${i % 10}`)
      utimesSync(file(), atime, mtime)
      await bench.build()
      expect(await shown(bench)).toBe(picture(`TEXT ${i % 10}`, '80', 'jpg'))
    }
  })

  it.each(['a folder', 'a store of ETags'])('while it is rendered, in %s', async (place) => {
    const source =
      place === 'a folder' ? openFolderStore({ path: folder, trustChangeTime: true }) : openMemoryStore()
    const write = async (text: string): Promise<void> => {
      if (place === 'a folder') writeFileSync(file(), text)
      else await putText(source as ReturnType<typeof openMemoryStore>, 'a.jpg', text)
    }
    let replace: (() => Promise<void>) | undefined = () => write('other')
    const renderer = createTextRenderer(async () => {
      await replace?.()
      replace = undefined
    })
    const config = { formats: ['original'] as const, sizes: { one: { widths: [320] } } }
    const bench = openBench({ source, config: { ...config, formats: ['original'] }, renderer })
    await write('first')
    await bench.build()
    // What was rendered is what was read, and is known to be of that.
    expect(await shown(bench)).toBe(picture('first', '80', 'jpg'))
    expect((await bench.plan()).counts).toMatchObject({ stale: 1 })
    await bench.build()
    expect(await shown(bench)).toBe(picture('other', '80', 'jpg'))
    expect((await bench.plan()).counts).toMatchObject({ present: 1, stale: 0 })
  })
})
