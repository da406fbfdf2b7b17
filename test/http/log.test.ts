import { describe, expect, test } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { type LogOptions, openLog, type RequestFacts, toLogOptions } from '../../src/http/log.ts'

const FACTS: RequestFacts = {
  outcome: 'hit',
  status: 200,
  sizeBytes: 10,
  elapsedMs: 1,
  method: 'GET',
  path: '/a b',
  ip: '127.0.0.1',
}

const capture = (options: Partial<LogOptions> = {}) => {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const log = openLog({ level: 'info', sample: 1, json: true, random: () => 0.5, write, ...options })
  return { log, lines, read: () => lines.map((line) => JSON.parse(line)) }
}

describe('the log', () => {
  test('has one line a request', () => {
    const { log, read } = capture()
    log.request(FACTS)
    expect(read()).toMatchObject([{ level: 30, msg: 'request', outcome: 'hit', status: 200, path: '/a b' }])
  })

  test('leaves out what is not sampled, and never an error', () => {
    const { log, read } = capture({ sample: 0.4 })
    log.request(FACTS)
    log.request({ ...FACTS, status: 503, outcome: 'refused', code: 'overloaded' })
    log.request({ ...FACTS, status: 500, outcome: 'bug', error: new Error('oops') })
    expect(read()).toMatchObject([
      { level: 40, code: 'overloaded' },
      { level: 50, reason: 'oops', stack: expect.stringContaining('log.test.ts') },
    ])
    const none = capture({ sample: 0, random: () => 0 })
    none.log.request({ ...FACTS, status: 499 })
    none.log.request({ ...FACTS, status: 500 })
    expect(none.read()).toMatchObject([{ status: 500 }])
  })

  test('gives each line its level, and what belongs to it', () => {
    const { log, read } = capture({ level: 'debug' })
    log.debug('a', { port: 1 })
    log.info('b', { port: 2 })
    log.warn('c', { port: 3 })
    log.error('d', new Error('oops'), { port: 4 })
    log.event({ kind: 'rendered', key: 'k', format: 'png' } as never)
    expect(read()).toMatchObject([
      { level: 20, msg: 'a', port: 1 },
      { level: 30, msg: 'b', port: 2 },
      { level: 40, msg: 'c', port: 3 },
      { level: 50, msg: 'd', port: 4, reason: 'oops' },
      { level: 20, msg: 'rendered' },
    ])
  })

  test.each([
    [{}, 'warn'],
    [{ verbose: true }, 'debug'],
    [{ quiet: true, verbose: true }, 'error'],
  ])('has for %o the level %s', (flags, level) => {
    const config = { serve: { log: { level: 'warn', sample: 1 } } } as never
    const options = { config, verbose: false, quiet: false, json: false, ...flags }
    expect(toLogOptions(options)).toMatchObject({ level, sample: 1 })
  })

  test('keeps to its level', () => {
    const { log, read } = capture({ level: 'warn' })
    log.request(FACTS)
    log.event({ kind: 'waited', elapsedMs: 1 })
    log.event({ kind: 'store-retried', key: 'k' as never, problem: new Problem('store-timeout', 'slow') })
    log.event({
      kind: 'store-failed',
      key: 'k' as never,
      problem: new Problem('store-denied', 'no', { hint: 'Ask.' }),
    })
    expect(read()).toMatchObject([
      { level: 40, msg: 'store-retried', code: 'store-timeout', reason: 'slow' },
      { level: 50, msg: 'store-failed', hint: 'Ask.' },
    ])
  })

  test('warns of results that show less than their original', () => {
    const { log, read } = capture({ level: 'warn' })
    const made = { kind: 'rendered', key: 'k', format: 'png', purpose: 'answer', sizeBytes: 1, elapsedMs: 1 }
    for (const less of [{}, { damage: 'cut off' }, { undrawn: ['animation', 'var()'] }])
      log.event({ ...made, ...less } as never)
    expect(read()).toMatchObject([{ damage: 'cut off' }, { msg: 'rendered', undrawn: 'animation; var()' }])
  })

  test('is lines for people where nobody asked for JSON', () => {
    const { log, lines } = capture({ json: false })
    log.request({ ...FACTS, path: '/blue' })
    log.error('broken', new Error('oops'))
    log.info('started', { by: 'a b', with: '"c"' })
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} info {2}request outcome=hit status=200 .* path=\/blue ip=127\.0\.0\.1\n$/,
    )
    expect(lines[1]).toMatch(/ error broken reason=oops\nError: oops\n/)
    expect(lines[2]).toMatch(/ info {2}started by="a b" with="\\"c\\""\n$/)
  })

  test.each([true, false])('holds nothing that moves a cursor or turns a text around (JSON: %s)', (json) => {
    const { log, lines } = capture({ json })
    const odd = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
    log.request({ ...FACTS, path: odd, ip: odd })
    log.error(odd, new Error(odd))
    log.event({ kind: 'probe-failed', error: new Problem('store-unavailable', odd, { hint: odd }) })
    const written = lines.join('')
    expect(written).not.toMatch(/[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u)
    expect(written).toContain('\\u009b')
    expect(written).toContain('αβγ')
    if (json) expect(JSON.parse(lines[0] ?? '')).toMatchObject({ path: odd, ip: odd })
  })
})
