import { describe, expect, it } from 'vitest'
import { hasWork } from '../../../src/app/batch/plan-counts.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { asFoldingStore, type FoldingOptions } from '../../support/folding-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

const DISKS: Readonly<Record<string, FoldingOptions>> = {
  'letter case (exFAT, NTFS)': { fold: (name) => name.toLowerCase() },
  'letter case and accents (APFS)': { fold: (name) => name.normalize('NFC').toLowerCase() },
  'both, and spells decomposed (HFS+)': {
    fold: (name) => name.normalize('NFC').toLowerCase(),
    spell: (name) => name.normalize('NFD'),
  },
  'letter case, and spells in lower case alone': {
    fold: (name) => name.toLowerCase(),
    spell: (name) => (name.includes('.q80.') ? name : name.toLowerCase()),
  },
}

const openSite = async (disk: FoldingOptions, sources: readonly string[]) => {
  const source = openMemoryStore()
  for (const key of sources) await putText(source, key, `picture ${key}`)
  const output = asFoldingStore(openMemoryStore(), disk)
  const rename = async (from: string, to: string): Promise<void> => {
    await source.deleteAll([from])
    await putText(source, to, `picture ${from}`)
  }
  const open = (): Bench => openBench({ source, output })
  return { source, output, open, rename }
}

const countStored = ({ events }: Bench) => events.filter(({ kind }) => kind === 'result-stored').length

const problemsOf = ({ events }: Bench): readonly string[] =>
  events.flatMap((event) =>
    event.kind === 'source-failed' ? [`${event.source}: ${event.problem.message}`] : [],
  )

const foldersOf = async (output: WritableStore): Promise<readonly string[]> => [
  ...new Set(
    (await listKeys(output))
      .filter((key) => !key.startsWith('.imgsizes/'))
      .map((key) => key.slice(0, key.lastIndexOf('/'))),
  ),
]

describe.each(Object.entries(DISKS))('on a disk that ignores %s', (_, disk) => {
  const canKeep = disk.spell === undefined

  it('a source that is renamed by letter case is rendered once, and its old results can be pruned', async () => {
    const { output, open, rename } = await openSite(disk, ['Trip/IMG.JPG', 'other.jpg', 'Trip/été.jpg'])
    await open().build()
    await rename('Trip/IMG.JPG', 'trip/img.jpg')
    await rename('Trip/été.jpg', 'trip/été.jpg')
    await open().build()
    const { counts } = await open().plan()
    expect(counts).toMatchObject({ present: 12, missing: 0, stale: 0, failing: 0, orphans: 8, foreign: 0 })
    const again = open()
    await again.build()
    expect([countStored(again), problemsOf(again)]).toEqual([0, []])
    if (canKeep) expect(await foldersOf(output)).toEqual(['other.jpg', 'trip/img.jpg', 'trip/été.jpg'])
    expect((await open().prune({ allowEmpty: true })).deleted).toBe(8)
    expect((await open().plan()).counts).toMatchObject({ present: 12, orphans: 0, foreign: 0 })
  })

  it('results of a source that is gone are orphans, however they are spelled', async () => {
    const { source, open, rename } = await openSite(disk, ['IMG.JPG', 'b.jpg'])
    await open().build()
    await rename('IMG.JPG', 'img.jpg')
    await open().build()
    await source.deleteAll(['img.jpg'])
    expect((await open().plan()).counts).toMatchObject({ orphans: 8, foreign: 0 })
    expect((await open().prune({ allowEmpty: true })).deleted).toBe(8)
  })

  it('two sources that it takes for one are a Problem that names both, and the plan comes to rest', async () => {
    const { source, output, open } = await openSite(disk, ['IMG.JPG', 'img.jpg', 'other.jpg'])
    const first = open()
    await first.build()
    expect(problemsOf(first)).toEqual([expect.stringMatching(/IMG\.JPG and img\.jpg|img\.jpg and IMG\.JPG/)])
    const { counts } = await open().plan()
    expect([hasWork(counts), counts.failing, counts.present]).toEqual([false, 1, 8])
    const again = open()
    await again.build()
    expect([countStored(again), problemsOf(again).length]).toEqual([0, 1])
    const kept = (await foldersOf(output)).find((folder) => folder !== 'other.jpg') ?? ''
    await source.deleteAll([kept === 'IMG.JPG' ? 'img.jpg' : 'IMG.JPG'])
    const last = open()
    await last.build()
    expect(problemsOf(last)).toEqual([])
    expect((await open().plan()).counts).toMatchObject({ missing: 0, failing: 0 })
  })

  it('two folders that it takes for one hold the results of both, and that is said once', async () => {
    const { open } = await openSite(disk, ['Trip/a.jpg', 'Trip/b.jpg', 'trip/c.jpg', 'trip/d.jpg'])
    const first = open()
    await first.build()
    expect(first.events.filter(({ kind }) => kind === 'warning')).toHaveLength(1)
    expect((await open().plan()).counts).toMatchObject({ present: 16, missing: 0, orphans: 0, foreign: 0 })
  })

  it('a source is found by name too', async () => {
    const { open, rename } = await openSite(disk, ['IMG.JPG', 'b.jpg'])
    await open().build()
    await rename('IMG.JPG', 'img.jpg')
    await open().build()
    const named = open()
    const selection = {
      keys: named.originals && [(await named.originals.findAtOrBelow('img.jpg')) ?? fail()],
    }
    await named.build({ selection })
    expect(countStored(named)).toBe(0)
  })
})

it('accents composed in two ways are two names to a disk that says so, and one to another', async () => {
  const names = ['\u00e9.jpg', 'e\u0301.jpg']
  const plain = await openSite({ fold: (name) => name }, names)
  const bench = plain.open()
  await bench.build()
  expect(problemsOf(bench)).toEqual([])
  const folding = await openSite({ fold: (name) => name.normalize('NFC') }, names)
  const other = folding.open()
  await other.build()
  expect(problemsOf(other)).toEqual([expect.stringContaining('how accents are composed')])
})

const fail = (): never => {
  throw new Error('there is no such source')
}
