import { expect, test } from 'vitest'
import { refuseWithBuild } from '../../../src/app/origin/eviction.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { openPageBuilder } from '../../../src/wire/site/page-builder.ts'
import { listKeys, openBench, putText } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { toProject } from '../../support/origin.ts'

const buildPages = async (config: Parameters<typeof openBench>[0]) => {
  const bench = openBench(config)
  await putText(bench.source, 'a.jpg', 'a')
  const project = toProject(bench, createManualClock())
  const builder = openPageBuilder(project, { bounds: { threads: 1, memoryBytes: 1e6 }, tell: () => {} })
  const needs = new Map([['a.jpg' as SourceKey, new Set(['content', '10w.q80'])]])
  expect([...(await builder.findMissing(needs)).keys()]).toEqual(['a.jpg'])
  expect((await builder.build(needs)).size).toBe(0)
  expect((await builder.findMissing(needs)).size).toBe(0)
  expect(await listKeys(bench.output, 'a.jpg/')).toHaveLength(6)
  return bench
}

test('what pages show is made as by a build', async () => {
  const { ledger } = await buildPages({})
  await expect(refuseWithBuild(ledger)).rejects.toMatchObject({ code: 'config-invalid' })
})

test('what pages show is an extra in an output that only serve fills', async () => {
  const { ledger } = await buildPages({ config: { serve: { cache: { maxBytes: 1_000_000 } } } })
  await expect(refuseWithBuild(ledger)).resolves.toBeUndefined()
})
