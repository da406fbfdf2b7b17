import { expect, test } from 'vitest'
import { describeCrops } from '../../src/cli/commands/url.ts'
import type { Override } from '../../src/core/override.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { listWantedUrls } from '../../src/wire/wanted-urls.ts'
import { openBench, putText, renderBy } from '../support/bench-project.ts'

test('what decided a crop is told by size: its own focus, the focus of the picture, or attention', async () => {
  const bench = openBench({
    config: {
      sizes: {
        card: { width: 40, height: 30, position: 'attention' },
        wide: { width: 80, height: 20, position: 'top' },
        content: { widths: [320] },
      },
    },
  })
  await putText(bench.source, 'a.jpg', 'a')
  const renderer = renderBy(async (plain, request) => ({
    ...(await plain(request)),
    attention: { x: 800, y: 50 },
    attentionBy: 'faces',
  }))
  const project = { ...bench, openRenderer: () => renderer }
  const describe = (name: string, override?: Override) => {
    const source = name as SourceKey
    const wanted = listWantedUrls(source, {}, bench.config, override)
    return describeCrops(source, wanted, { override, project, signal: new AbortController().signal })
  }
  expect(await describe('a.jpg')).toEqual(['card: attention at [800, 50], by faces that the file marks'])
  expect(await describe('none.jpg')).toEqual(['card: attention, which is found once the original exists'])
  const override = { focus: { x: 1, y: 2 }, sizes: { card: { focus: { x: 500, y: 500 } } } }
  expect(await describe('a.jpg', override)).toEqual([
    'card: [500, 500], the focus of this size in its override',
    'wide: [1, 2], the focus of its override',
  ])
})
