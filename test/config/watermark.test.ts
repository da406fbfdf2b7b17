import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { WatermarkInput } from '../../src/config/watermark.ts'
import { formatTransform } from '../../src/core/transform.ts'
import { digestRecipe } from '../../src/plan/recipe.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { configFaultsOf } from '../support/problems.ts'

const root = makeSharedFolder()
writeFileSync(join(root, 'mark.png'), 'a mark')
const id = createHash('sha256').update('a mark').digest('hex').slice(0, 6)

const resolveWith = (watermark: WatermarkInput | undefined) =>
  resolveConfig(
    { source: './a', output: './b', watermark, sizes: { a: { width: 30, watermark: true } } },
    { root },
  )

const faultsOf = (watermark: WatermarkInput | undefined): readonly string[] =>
  configFaultsOf(() => resolveWith(watermark)).map(({ path }) => path)

test('a watermark stands in the key by what its file holds', () => {
  const { sizes, watermark } = resolveWith({ file: 'mark.png', position: 'bottom-right', opacity: 0.5 })
  expect(sizes[0]?.transforms.map(({ transform }) => formatTransform(transform))).toEqual([
    `30w.wm-${id}.q80`,
  ])
  expect(watermark).toEqual({
    path: join(root, 'mark.png'),
    id,
    position: 'bottom-right',
    opacity: 0.5,
    scale: 0,
  })
  expect(resolveWith({ file: 'mark.png', position: 'center' }).watermark?.position).toBeUndefined()
})

test('what is wrong with it is told', () => {
  expect(faultsOf({ file: 'none.png' })).toContain('watermark.file')
  expect(faultsOf({ file: 'mark.png', position: 'attention' })).toContain('watermark.position')
  expect(faultsOf({ file: 'mark.png', opacity: 2 })).toEqual(['watermark.opacity'])
  expect(faultsOf({ file: 'none.png', opacity: 2, position: 'attention' })).toEqual([
    'watermark.opacity',
    'watermark.position',
    'watermark.file',
  ])
  expect(faultsOf(undefined)).toEqual(['sizes.a.watermark'])
})

test('results are stale when it lies otherwise, and only those that it lies on', () => {
  const encoders = resolveWith({ file: 'mark.png' }).encoders
  const mark = (input: Omit<WatermarkInput, 'file'>) => resolveWith({ file: 'mark.png', ...input }).watermark
  const recipe = digestRecipe('webp', encoders, mark({}))
  expect(digestRecipe('webp', encoders, mark({ opacity: 0.5 }))).not.toBe(recipe)
  expect(digestRecipe('webp', encoders, mark({ position: 'top' }))).not.toBe(recipe)
  expect(digestRecipe('webp', encoders)).not.toBe(recipe)
})
