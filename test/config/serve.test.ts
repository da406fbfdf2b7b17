import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { configFaultsOf } from '../support/problems.ts'

const resolveServe = (serve: object, more: object = {}): Config['serve'] =>
  resolveConfig({ source: './in', output: './out', serve, ...more }, { root: '/site' }).serve

const faultsOf = (serve: object, more: object = {}): readonly string[] =>
  configFaultsOf(() => resolveServe(serve, more)).map(({ path }) => path)

describe('serve', () => {
  test('says who may read pictures from scripts', () => {
    expect(resolveServe({ cors: '*' }).cors).toBe('*')
    expect(resolveServe({ cors: 'https://a.example' }).cors).toEqual(['https://a.example'])
    expect(resolveServe({ timingAllowOrigin: ['http://a:8080', 'https://b'] }).timingAllowOrigin).toEqual([
      'http://a:8080',
      'https://b',
    ])
    for (const origin of ['https://a/', 'a.example', 'HTTPS://a', '', 'null', 3, []])
      expect(faultsOf({ cors: origin })).toHaveLength(1)
  })

  test('finds its placeholder beside the configuration', () => {
    expect(resolveServe({ placeholder: './none.svg' }).placeholder).toBe('/site/none.svg')
    expect(faultsOf({ placeholder: './none.txt' })).toEqual(['serve.placeholder'])
    const files = {
      realPath: (path: string) => path,
      isReadableFile: (path: string) => path === '/site/there.svg',
    }
    const resolve = (placeholder: string) => () =>
      resolveConfig({ source: 'a', output: 'b', serve: { placeholder } }, { root: '/site', disk: files })
    expect(resolve('there.svg')).not.toThrow()
    expect(resolve('none.svg')).toThrow(
      /serve\.placeholder: \/site\/none\.svg, which cannot be read; allowed: /,
    )
  })

  test('keeps a folder within bounds, and no bucket', () => {
    expect(resolveServe({ cache: { maxBytes: '20GB' } }).cache).toEqual({
      maxBytes: 20_000_000_000,
      inactiveMs: 14 * 86_400_000,
    })
    expect(resolveServe({ cache: { maxBytes: 5, inactive: '2h' } }).cache?.inactiveMs).toBe(7_200_000)
    expect(faultsOf({ cache: { maxBytes: 5 } }, { output: 's3://bucket/' })).toEqual(['serve.cache'])
    expect(faultsOf({ cache: {} })).toEqual(['serve.cache.maxBytes'])
  })

  test('takes proxies as yes, no or a number', () => {
    expect([true, false, 2].map((trustProxy) => resolveServe({ trustProxy }).trustProxy)).toEqual([1, 0, 2])
    expect(faultsOf({ trustProxy: -1 })).toEqual(['serve.trustProxy'])
  })

  test('reads its queue, log and times', () => {
    const { queue, log, timeouts } = resolveServe({
      queue: { length: 0, timeout: '2s' },
      log: { level: 'warn', sample: 0.1 },
      timeouts: { keepAlive: '5s', headers: '1s', drain: '1m' },
    })
    expect(queue).toEqual({ length: 0, timeoutMs: 2_000 })
    expect(log).toEqual({ level: 'warn', sample: 0.1 })
    expect(timeouts).toEqual({ keepAliveMs: 5_000, headersMs: 1_000, drainMs: 60_000 })
    expect(faultsOf({ log: { sample: 2 }, queue: { length: -1 }, timeouts: { drain: 3 } })).toEqual([
      'serve.log.sample',
      'serve.queue.length',
      'serve.timeouts.drain',
    ])
  })
})
