import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { followProjectFolders } from '../../src/wire/follow-folders.ts'
import { openProject } from '../../src/wire/project.ts'
import { createTextRenderer } from '../support/bench-project.ts'
import { makeFolder } from '../support/folder.ts'
import { until } from '../support/listening.ts'

/** A folder that is followed; `most` is how many listings there were at once. */
const open = async () => {
  const root = makeFolder()
  await mkdir(join(root, 'in'))
  const secret = 'correct-horse-battery-staple'
  const config = { source: './in', output: './out', secret, sizes: { content: { widths: [320] } } }
  const project = await openProject(resolveConfig(config, { root }), {
    now: Date.now,
    newId: () => crypto.randomUUID(),
    tell: () => {},
    programVersion: 'test',
  })
  const stop = new AbortController()
  const sent: string[] = []
  const logged: unknown[] = []
  const listings = { open: 0, most: 0, all: 0 }
  const list: typeof project.originals.list = async function* (options) {
    listings.all++
    listings.most = Math.max(listings.most, ++listings.open)
    try {
      yield* project.originals.list(options)
    } finally {
      listings.open--
    }
  }
  const followed = await followProjectFolders(
    { ...project, openRenderer: () => createTextRenderer(), originals: { ...project.originals, list } },
    {
      queue: { send: async (bodies) => void sent.push(...bodies) },
      stop: stop.signal,
      log: { info: (...said) => void logged.push(said), error: (_, error) => void logged.push(error) },
    },
  )
  onTestFinished(async () => {
    stop.abort()
    await followed.close()
    await project.close()
  })
  await until(() => logged.length === 1) // what was due is compared
  return { root, sent, logged, listings }
}

test('names of no pictures, which may be folders, are looked at one by one however many change at once', async () => {
  const { root, sent, logged, listings } = await open()
  await Promise.all(Array.from({ length: 3_000 }, (_, i) => writeFile(join(root, 'in', `${i}.txt`), '')))
  await Promise.all(Array.from({ length: 3_000 }, (_, i) => rm(join(root, 'in', `${i}.txt`))))
  await mkdir(join(root, 'new', 'deep'), { recursive: true })
  await writeFile(join(root, 'new', 'deep', 'a.jpg'), 'a')
  await rename(join(root, 'new'), join(root, 'in', 'new'))
  await until(() => sent.some((body) => body.includes('new/deep/a.jpg')))
  expect(listings.most).toBe(1)
  expect(listings.all).toBeLessThan(1_500)
  expect(logged.filter((said) => said instanceof Error)).toEqual([])
})
