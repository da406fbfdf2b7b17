import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { guardSecret, warnOfSecret } from '../../src/http/guard-secret.ts'

const DEMO = 'imgsizes-demo-secret-not-for-production'
const SHOWN = 'correct-horse-battery-staple'

const configOf = (secret: unknown) =>
  resolveConfig({ source: './photos', output: './out', secret } as never, { root: '/' })

test("the demo's secret is refused on a public address, another of the documentation warned of", () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.1']) {
    expect(() => guardSecret(configOf(DEMO), host)).toThrow('everybody knows')
    expect(() => guardSecret(configOf(SHOWN), host)).not.toThrow()
    const warning = warnOfSecret(configOf(['a secret of our own', SHOWN]), host)
    expect(warning).toMatchObject({ code: 'secret-known', message: expect.stringContaining(host) })
    expect(`${warning?.message} ${warning?.hint}`).not.toContain(SHOWN)
  }
})

test('nothing is said on loopback, of a secret that is retired, or of one of your own', () => {
  expect(() => guardSecret(configOf(DEMO), '127.0.0.1')).not.toThrow()
  expect(warnOfSecret(configOf(SHOWN), '::1')).toBeUndefined()
  const retired = configOf(['a secret of our own', { value: SHOWN, retired: true }])
  expect(warnOfSecret(retired, '0.0.0.0')).toBeUndefined()
  expect(warnOfSecret(configOf('a secret of our own'), '0.0.0.0')).toBeUndefined()
})
