import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readShard } from '../../src/cli/build-flags.ts'
import { createFlags } from '../../src/cli/flags.ts'
import { listOutput, makeProject, run, writeText } from './support.ts'

const auto = (env: NodeJS.ProcessEnv) => readShard(createFlags({ shard: 'auto' }), env)

describe('--shard auto', () => {
  test.each([
    ['Kubernetes Indexed Job', { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '8' }, 1, 8],
    ['AWS Batch array job', { AWS_BATCH_JOB_ARRAY_INDEX: '7', AWS_BATCH_JOB_ARRAY_SIZE: '8' }, 8, 8],
    ['GitHub Actions matrix', { STRATEGY_JOB_INDEX: '1', STRATEGY_JOB_TOTAL: '3' }, 2, 3],
    ['GitLab CI', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '3' }, 1, 3],
    ['CircleCI', { CIRCLE_NODE_INDEX: '2', CIRCLE_NODE_TOTAL: '3' }, 3, 3],
    ['Buildkite', { BUILDKITE_PARALLEL_JOB: '0', BUILDKITE_PARALLEL_JOB_COUNT: '1' }, 1, 1],
  ])('takes the number that %s gives', (system, env, index, count) => {
    const shard = auto({ ...env, PATH: '/bin' })
    expect(shard).toMatchObject({ index, count })
    expect(shard?.origin).toContain(`Shard ${index} of ${count}`)
    expect(shard?.origin).toContain(`(${system})`)
    for (const [name, value] of Object.entries(env)) expect(shard?.origin).toContain(`${name}=${value}`)
  })

  test.each([
    [{}, 'JOB_COMPLETION_INDEX and JOB_COMPLETIONS (Kubernetes Indexed Job)'],
    [{ JOB_COMPLETION_INDEX: '1' }, 'JOB_COMPLETIONS is not set'],
    [{ CI_NODE_INDEX: '0', CI_NODE_TOTAL: '3' }, 'counts from 1'],
    [{ CIRCLE_NODE_INDEX: '3', CIRCLE_NODE_TOTAL: '3' }, 'counts from 0'],
    [
      { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '3', CI_NODE_INDEX: '1', CI_NODE_TOTAL: '3' },
      'more than one',
    ],
  ])('refuses %j', (env, why) => {
    expect(() => auto(env)).toThrow(why)
  })

  test('is never of prune', async () => {
    const { code, stderr } = await run(['prune', '--shard', '1/2'], { cwd: await makeProject([]) })
    expect([code, stderr]).toEqual([2, expect.stringContaining('run it once, when all shards')])
  })

  test('says which share it takes, and both together make everything', async () => {
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']
    const cwd = await makeProject(names)
    let rendered = 0
    for (const index of ['1', '2']) {
      const env = { CI_NODE_INDEX: index, CI_NODE_TOTAL: '2' }
      const { code, stdout, stderr } = await run(['build', '--shard', 'auto', '--json'], { cwd, env })
      expect(code).toBe(0)
      expect(stderr).toContain(
        `Shard ${index} of 2, by CI_NODE_INDEX=${index} and CI_NODE_TOTAL=2 (GitLab CI).`,
      )
      const report = JSON.parse(stdout)
      expect(report.sources).toBeLessThan(names.length)
      rendered += report.rendered
    }
    expect(await listOutput(cwd)).toHaveLength(rendered)
    expect((await run(['plan', '--check', '--quiet'], { cwd })).code).toBe(0)
  })
})

describe('a stored plan', () => {
  test('is built in shares, and only what has work is in it', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'])
    await run(['build', '--only', 'a.jpg'], { cwd })
    expect((await run(['plan', '--out', 'plan.ndjson', '--quiet'], { cwd })).code).toBe(0)
    const lines = (await readFile(join(cwd, 'plan.ndjson'), 'utf8')).trim().split('\n')
    expect(lines.slice(1, -1).map((line) => JSON.parse(line)[0])).toEqual(['b.jpg', 'c.jpg', 'd.jpg'])
    const sources: number[] = []
    for (const shard of ['1/3', '2/3', '3/3']) {
      const args = ['build', '--plan', 'plan.ndjson', '--shard', shard, '--json']
      const { code, stdout } = await run(args, { cwd })
      expect(code).toBe(0)
      sources.push(JSON.parse(stdout).sources)
    }
    expect(sources).toEqual([1, 1, 1])
    expect((await run(['plan', '--check', '--quiet'], { cwd })).code).toBe(0)
  })

  test('says with which flags it was made, and is built with the same', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg'])
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    expect((await run(['build'], { cwd })).code).toBe(1)
    const plan = (...flags: string[]) => run(['plan', '--out', 'plan.ndjson', '--json', ...flags], { cwd })
    const build = (...flags: string[]) => run(['build', '--plan', 'plan.ndjson', '--json', ...flags], { cwd })
    expect(JSON.parse((await plan('--retry-failed')).stdout)).toMatchObject({ failing: 0, present: 8 })
    const retried = await build('--retry-failed')
    expect(retried.code).toBe(1)
    expect(JSON.parse(retried.stdout)).toMatchObject({ failed: 1, rendered: 0 })
    const other = await build('--force')
    expect(other.code).toBe(2)
    expect(other.stderr).toContain('it was made with --retry-failed, and is to be built with --force')
    await plan('--force', '--only', '?.jpg')
    expect((await build()).code).toBe(2)
    expect(JSON.parse((await build('--force')).stdout)).toMatchObject({ sources: 2, rendered: 8 })
    await plan()
    const nothing = await build()
    expect(nothing.code).toBe(0)
    expect(nothing.stderr).toContain('the plan has no source with work')
  })

  test('by --force shows a share that was lost, until a build has made up for it', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg'])
    expect((await run(['build', '--quiet'], { cwd })).code).toBe(0)
    await run(['plan', '--force', '--out', 'plan.ndjson', '--quiet'], { cwd })
    for (const shard of ['1/3', '3/3']) {
      const args = ['build', '--plan', 'plan.ndjson', '--force', '--shard', shard, '--json']
      expect(JSON.parse((await run(args, { cwd })).stdout)).toMatchObject({ sources: 1, rendered: 4 })
    }
    const { code, stdout } = await run(['plan', '--check'], { cwd })
    expect([code, stdout]).toEqual([3, expect.stringMatching(/stale +4 .*left over from a build --force/)])
    const next = await run(['build', '--json'], { cwd })
    expect(JSON.parse(next.stdout)).toMatchObject({ sources: 3, rendered: 4 })
    expect((await run(['plan', '--check', '--quiet'], { cwd })).code).toBe(0)
  })

  test('that is none is wrong usage', async () => {
    const cwd = await makeProject(['a.jpg'])
    await writeText(join(cwd, 'plan.ndjson'), 'hello\n')
    const { code, stderr } = await run(['build', '--plan', 'plan.ndjson'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('line 1')
    expect((await run(['build', '--plan', 'none.ndjson'], { cwd })).code).toBe(2)
  })
})
