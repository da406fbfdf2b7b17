import { describe, expect, it } from 'vitest'
import { createCommonHeaders } from '../../src/http/common-headers.ts'
import { toOptions } from '../../src/http/handler.ts'
import { serve } from '../support/listening.ts'

const PREFLIGHT = {
  origin: 'https://shop.example',
  'access-control-request-method': 'GET',
  'access-control-request-headers': 'if-none-match, x-trace',
}

const ask = (cors: '*' | readonly string[], headers: Readonly<Record<string, string>>) => {
  const commonHeaders = createCommonHeaders({ cors, timingAllowOrigin: [] })
  const { status, headers: answered } = toOptions({ headers: new Headers(headers) }, { commonHeaders })
  return { status, headers: new Headers(answered) }
}

describe('OPTIONS', () => {
  it('is answered with what may be asked, whatever it is about', async () => {
    const { ask, url } = await serve()
    for (const target of [url, '*', '/', '/nothing', '/healthz']) {
      const { status, headers, body } = await ask(target, { method: 'OPTIONS' })
      expect([status, headers.get('allow'), body.length]).toEqual([204, 'GET, HEAD, OPTIONS', 0])
      expect(headers.has('content-length')).toBe(false)
      expect(headers.has('access-control-allow-methods')).toBe(false)
    }
  })

  it.each<{ cors: '*' | readonly string[] }>([
    { cors: '*' },
    { cors: ['https://shop.example', 'https://blog.example'] },
  ])('lets the scripts of $cors ask with any field', ({ cors }) => {
    const { status, headers } = ask(cors, PREFLIGHT)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(cors === '*' ? '*' : PREFLIGHT.origin)
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD')
    expect(headers.get('access-control-allow-headers')).toBe('if-none-match, x-trace')
    expect(headers.get('access-control-max-age')).toBe('86400')
  })

  it('lets nobody else in', () => {
    for (const [cors, headers] of [
      [[], PREFLIGHT],
      [['https://shop.example'], { ...PREFLIGHT, origin: 'https://evil.example' }],
    ] as const) {
      const names = [...ask(cors, headers).headers.keys()]
      expect(names.filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it('repeats nothing but names of fields', () => {
    for (const fields of ['a b', 'a,,b', 'a:b', '\u00e9', 'a,'.repeat(99), `${'a'.repeat(65)}`]) {
      const { headers } = ask('*', { ...PREFLIGHT, 'access-control-request-headers': fields })
      expect([
        headers.has('access-control-allow-headers'),
        headers.has('access-control-allow-methods'),
      ]).toEqual([false, true])
    }
  })
})
