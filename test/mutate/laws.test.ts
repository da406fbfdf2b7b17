import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { LAWS } from './laws.ts'

const root = resolve(import.meta.dirname, '../..')

it('faults are planted in all the laws, and seen by tests that are there', () => {
  const sources = LAWS.flatMap(([paths]) => paths).map((path) => `src/${path}.ts`)
  const tests = LAWS.flatMap(([, paths]) => paths).map((path) => `test/${path}.test.ts`)
  expect([...sources, ...tests].filter((path) => !existsSync(resolve(root, path)))).toEqual([])
  expect(new Set(sources).size).toBe(sources.length)
  // A table cut down for a single run is not to stay so.
  expect(sources.length).toBeGreaterThan(75)
})
