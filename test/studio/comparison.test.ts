import { expect, it } from 'vitest'
import type { ResultView } from '../../src/app/studio/protocol.ts'
import { nameApart } from '../../src/studio/comparison.ts'

const result = (transform: string, width?: number): ResultView => ({
  transform,
  format: 'webp',
  sizes: ['content'],
  ...(width !== undefined && { width, height: 200 }),
  state: 'missing',
})

it('tells sizes apart that a small original makes alike', () => {
  expect(nameApart([result('320w.q80', 320), result('640w.q80', 400), result('960w.q80', 400)])).toEqual([
    'content 320 × 200',
    'content 400 × 200 (640w.q80)',
    'content 400 × 200 (960w.q80)',
  ])
  expect(nameApart([result('320w.q80'), result('640w.q80')])).toEqual([
    'content (320w.q80)',
    'content (640w.q80)',
  ])
})
