import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createExpiringLinks } from '../../src/url/expiring-link.ts'
import { alterSignature } from '../support/alterations.ts'

const FIRST = 'correct-horse-battery-staple'
const SECOND = 'another-secret-of-some-length'
const links = createExpiringLinks([
  { value: 'a-secret-that-is-retired', isRetired: true },
  { value: FIRST, isRetired: false },
  { value: SECOND, isRetired: false },
])
const keyText = 'été/ça & là 100%.png/640w.q80.F5qBZZuh0iN5uWNN.auto'
const expires = 1_924_970_400
const now = expires - 1

const tokenOf = (secret: string, text = keyText, until = expires): string =>
  createHmac('sha256', secret).update(`expires\n${until}\n${text}`).digest('base64url').slice(0, 22)

const check = (query: string, changes: { keyText?: string; now?: number } = {}): number | undefined =>
  links.check({ keyText, query, now, ...changes })

describe('a link that ends', () => {
  test('is signed by the first secret that is not retired, and held by each of those', () => {
    expect(links.queryOf(keyText, expires)).toBe(`expires=${expires}&token=${tokenOf(FIRST)}`)
    for (const secret of [FIRST, SECOND])
      expect(check(`expires=${expires}&token=${tokenOf(secret)}`)).toBe(expires)
    expect(check(`expires=${expires}&token=${tokenOf('a-secret-that-is-retired')}`)).toBeUndefined()
  })

  test('needs every character of its token, of its time, and of its key', () => {
    for (const secret of [FIRST, SECOND])
      for (const wrong of alterSignature(tokenOf(secret)))
        expect(check(`expires=${expires}&token=${wrong}`), wrong).toBeUndefined()
    const query = links.queryOf(keyText, expires)
    for (let at = 0; at < keyText.length; at++) {
      const other = `${keyText.slice(0, at)}~${keyText.slice(at + 1)}`
      expect(check(query, { keyText: other }), other).toBeUndefined()
    }
    for (const until of [expires + 1, expires - 1, expires * 10, Math.floor(expires / 10)])
      expect(check(query.replace(`${expires}`, `${until}`), { now: 1 }), `${until}`).toBeUndefined()
  })

  test('holds until its second, and not in it', () => {
    const query = links.queryOf(keyText, expires)
    expect(check(query, { now: expires - 1 })).toBe(expires)
    expect(check(query, { now: expires })).toBeUndefined()
    expect(check(query, { now: expires + 1 })).toBeUndefined()
  })

  test('has one spelling', () => {
    const query = links.queryOf(keyText, expires)
    const token = tokenOf(FIRST)
    for (const wrong of [
      '',
      `?${query}`,
      `${query}&`,
      `&${query}`,
      `v=1&${query}`,
      `${query}&v=1`,
      `token=${token}&expires=${expires}`,
      `expires=${expires}`,
      `token=${token}`,
      query.replace('expires=', 'expires=0'),
      query.replace('expires=', 'expires=+'),
      query.replace('expires=', 'Expires='),
      `${query}\n`,
    ])
      expect(check(wrong), wrong).toBeUndefined()
    const late = 10 ** 14
    expect(check(`expires=${late}&token=${tokenOf(FIRST, keyText, late)}`)).toBe(late)
    const tooLate = 10 ** 15
    expect(check(`expires=${tooLate}&token=${tokenOf(FIRST, keyText, tooLate)}`)).toBeUndefined()
    expect(check(`expires=0&token=${tokenOf(FIRST, keyText, 0)}`, { now: -1 })).toBeUndefined()
  })

  test('needs a secret', () => {
    const none = createExpiringLinks([{ value: FIRST, isRetired: true }])
    expect(() => none.queryOf(keyText, expires)).toThrow('needs a secret')
    expect(none.check({ keyText, query: links.queryOf(keyText, expires), now })).toBeUndefined()
  })
})
