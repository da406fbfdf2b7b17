import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AppEvent } from '../../src/app/event.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import type { OverrideInput } from '../../src/config/overrides-schema.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { buildProject } from '../../src/wire/build.ts'
import { planProject } from '../../src/wire/plan.ts'
import { openProject, type Project, toScope } from '../../src/wire/project.ts'
import { createTextRenderer } from '../support/bench-project.ts'
import { makeFolder } from '../support/folder.ts'

const SIZES: ConfigInput['sizes'] = {
  card: { width: 400, height: 300, position: 'attention' },
  wide: { width: 800, height: 200, position: 'top' },
  content: { widths: [320, 640] },
  logo: { width: 90, height: 90, fit: 'contain', position: 'left' },
}

interface Site {
  write(files: Readonly<Record<string, unknown>>): Promise<void>
  /** The project as it is now, in another process as it were. */
  open(changes?: Partial<ConfigInput>): Promise<Project>
}

const makeSite = async (config: Partial<ConfigInput> = {}): Promise<Site> => {
  const root = makeFolder()
  const write: Site['write'] = async (files) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
    }
  }
  await write({ 'in/a.jpg': 'a', 'in/b.jpg': 'b', 'in/sub/c.png': 'c', 'p.json': {} })
  return {
    write,
    open: async (changes = {}) => {
      const secret = 'correct-horse-battery-staple'
      const input = { source: './in', output: './out', secret, sizes: SIZES, formats: ['webp'], ...config }
      const resolved = resolveConfig({ overrides: './p.json', ...input, ...changes }, { root })
      const project = await openProject(resolved, {
        now: Date.now,
        newId: () => crypto.randomUUID(),
        tell: () => {},
        programVersion: 'test',
      })
      onTestFinished(() => project.close())
      return { ...project, openRenderer: () => createTextRenderer() }
    },
  }
}

const BOUNDS = { threads: 1, memoryBytes: 1e9 }

const build = async (project: Project, scope = {}): Promise<readonly AppEvent[]> => {
  const events: AppEvent[] = []
  await buildProject(project, { bounds: BOUNDS, tell: (event) => void events.push(event), ...scope })
  return events
}

/** What is to be done, `kind source/transform`, and what was told. */
const plan = async (project: Project, scope = {}) => {
  const events: AppEvent[] = []
  const steps: string[] = []
  const problems: string[] = []
  const tell = (event: AppEvent) => void events.push(event)
  for await (const { group, steps: own, problem } of planProject(project, {
    foreignCounts: { foreign: 0 },
    tell,
    ...scope,
  })) {
    for (const step of own)
      if (step.kind !== 'keep')
        steps.push(
          'result' in step
            ? `${step.kind} ${group.key}/${step.result.transformText}`
            : `${step.kind} ${group.key}`,
        )
    if (problem !== undefined) problems.push(`${group.key} ${problem.code}: ${problem.message}`)
  }
  const unused = events.flatMap((event) => (event.kind === 'overrides-unused' ? event.names : []))
  return { steps, problems, unused }
}

const NOTHING = { steps: [], problems: [], unused: [] }

describe('an override', () => {
  test('makes due what it touches, and nothing else', async () => {
    const site = await makeSite()
    await build(await site.open())
    expect(await plan(await site.open())).toEqual(NOTHING)
    const cat: OverrideInput = { focus: [300, 250], alt: 'A', sizes: { content: { quality: 60 } } }
    await site.write({ 'p.json': { 'a.jpg': cat } })
    expect((await plan(await site.open())).steps).toEqual([
      'render a.jpg/400x300.cover.focus-300-250.q80',
      'render a.jpg/800x200.cover.focus-300-250.q80',
      'render a.jpg/320w.q60',
      'render a.jpg/640w.q60',
      ...Array(4).fill('orphan a.jpg'),
    ])
    await build(await site.open())
    expect((await plan(await site.open())).steps).toEqual(Array(4).fill('orphan a.jpg'))
    // And back again: what was made before still stands.
    await site.write({ 'p.json': { 'a.jpg': { alt: 'B' } } })
    expect((await plan(await site.open())).steps).toEqual(Array(4).fill('orphan a.jpg'))
  })

  test('of a glob counts for all that it matches, and a centre is not written', async () => {
    const site = await makeSite()
    await site.write({
      'p.json': {
        '**/*.jpg': { focus: [500, 500] },
        'b.*': { sizes: { card: { focus: [1000, 0] }, logo: { background: '#FF0000' } } },
      },
    })
    const { steps } = await plan(await site.open())
    expect(steps.filter((step) => /card|cover|contain/.test(step))).toEqual([
      'render a.jpg/400x300.cover.q80',
      'render a.jpg/800x200.cover.q80',
      'render a.jpg/90x90.contain.left.q80',
      'render b.jpg/400x300.cover.top-right.q80',
      'render b.jpg/800x200.cover.q80',
      'render b.jpg/90x90.contain.left.bg-ff0000.q80',
      'render sub/c.png/400x300.cover.attention.q80',
      'render sub/c.png/800x200.cover.top.q80',
      'render sub/c.png/90x90.contain.left.q80',
    ])
  })

  test('holds with versions, and where sources are named', async () => {
    const site = await makeSite({ versions: true, source: { blog: './in' }, baseUrl: '/' })
    await site.write({ 'p.json': { 'blog/a.jpg': { focus: [300, 250] }, 'a.jpg': { quality: 1 } } })
    const { steps, unused } = await plan(await site.open())
    expect(steps[0]).toMatch(/^render blog\/a\.jpg\/400x300\.cover\.focus-300-250\.q80\.v-[0-9a-f]{10}$/)
    expect(unused).toEqual(['a.jpg'])
    await build(await site.open())
    expect((await plan(await site.open())).steps).toEqual([])
  })

  test('can leave a picture out, whose results are then orphans', async () => {
    const site = await makeSite()
    await build(await site.open())
    await site.write({ 'p.json': { 'sub/**': { exclude: true } } })
    expect((await plan(await site.open())).steps).toEqual(Array(5).fill('orphan sub/c.png'))
    await site.write({ 'p.json': { 'sub/**': { exclude: true }, 'sub/c.png': { exclude: false } } })
    expect((await plan(await site.open())).steps).toEqual([])
  })

  test('that speaks of no source is told where all sources were seen', async () => {
    const site = await makeSite()
    await site.write({ 'p.json': { 'A.jpg': {}, 'none/*': {}, 'a.jpg': {} } })
    const project = await site.open()
    expect((await plan(project)).unused).toEqual(['A.jpg', 'none/*'])
    expect((await plan(project, toScope({ only: 'sub/**' }))).unused).toEqual([])
    expect((await plan(project, toScope({ keys: ['a.jpg' as SourceKey] }))).unused).toEqual([])
    const events = await build(project)
    expect(events).toContainEqual({ kind: 'overrides-unused', names: ['A.jpg', 'none/*'] })
  })
})

describe('a sidecar', () => {
  const SIDECARS = { sidecars: true, include: ['**/*'] }

  test('goes before the file, and is no source', async () => {
    const site = await makeSite(SIDECARS)
    await site.write({
      'p.json': { 'a.jpg': { focus: [300, 250], quality: 70 } },
      'in/a.jpg.json': { focus: [0, 900] },
      'in/a.jpg-2.jpg': 'sorts between them',
    })
    const { steps, unused } = await plan(await site.open(), toScope({ size: 'card' }))
    expect(steps).toEqual([
      'render a.jpg-2.jpg/400x300.cover.attention.q80',
      'render a.jpg/400x300.cover.focus-0-900.q70',
      'render b.jpg/400x300.cover.attention.q80',
      'render sub/c.png/400x300.cover.attention.q80',
    ])
    expect(unused).toEqual([])
    await build(await site.open())
    expect((await plan(await site.open())).steps).toEqual([])
    const named = toScope({ keys: ['a.jpg.json' as SourceKey, 'a.jpg' as SourceKey] })
    expect(await plan(await site.open(), named)).toEqual(NOTHING)
  })

  test('counts only where sidecars are on', async () => {
    const site = await makeSite()
    await site.write({ 'in/a.jpg.json': { focus: [0, 900] } })
    const { steps } = await plan(await site.open(), toScope({ size: 'card' }))
    expect(steps[0]).toBe('render a.jpg/400x300.cover.attention.q80')
  })

  test('that is wrong fails its picture by name, and nothing else', async () => {
    const site = await makeSite(SIDECARS)
    await build(await site.open())
    await site.write({
      'in/a.jpg.json': '{\n  "focos": [0, 0]\n}',
      'in/b.jpg.json': '{',
      'in/x.jpg.json': {},
    })
    const { steps, problems, unused } = await plan(await site.open())
    expect(steps).toEqual([])
    expect(problems).toEqual([
      expect.stringContaining(
        'a.jpg overrides-invalid: a.jpg.json has 1 problem:\n  line 2:3: focos: unknown',
      ),
      expect.stringContaining('b.jpg overrides-invalid: b.jpg.json has 1 problem:\n  line 1:2: the end'),
    ])
    expect(unused).toEqual(['x.jpg.json'])
    const failed = (await build(await site.open())).flatMap((event) =>
      event.kind === 'source-failed' ? [event.source] : [],
    )
    expect(failed.sort()).toEqual(['a.jpg', 'b.jpg'])
  })

  test('is asked for only where the listing shows one', async () => {
    const site = await makeSite(SIDECARS)
    await site.write({ 'in/a.jpg.json': { quality: 5 } })
    const project = await site.open()
    const asked: string[] = []
    const read = project.overrides.read
    const overrides = {
      ...project.overrides,
      read: (source: SourceKey, signal?: AbortSignal) => {
        asked.push(source)
        return read(source, signal)
      },
    }
    const planInput: Project['planInput'] = (run) => ({ ...project.planInput(run), overrides })
    await plan({ ...project, planInput })
    expect(asked).toEqual(['a.jpg'])
  })
})
