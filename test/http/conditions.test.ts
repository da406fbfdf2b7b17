import { describe, expect, test } from 'vitest'
import { allowsRange, checkConditions } from '../../src/http/conditions.ts'

const MODIFIED_AT = Date.parse('2024-05-05T10:00:00.700Z')
const DATE = 'Sun, 05 May 2024 10:00:00 GMT'
const BEFORE = 'Sun, 05 May 2024 09:59:59 GMT'
const AFTER = 'Sun, 05 May 2024 10:00:01 GMT'
const validators = { etag: '"0123456789abcdef"', modifiedAt: MODIFIED_AT }

describe('conditions (RFC 9110, 13)', () => {
  test.each<[Record<string, string>, string]>([
    [{}, 'send'],
    [{ 'if-none-match': '"0123456789abcdef"' }, 'not-modified'],
    [{ 'if-none-match': 'W/"0123456789abcdef"' }, 'not-modified'],
    [{ 'if-none-match': '"a", "0123456789abcdef"' }, 'not-modified'],
    [{ 'if-none-match': '"a,b","0123456789abcdef"' }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"0123456789ABCDEF"' }, 'send'],
    [{ 'if-none-match': '0123456789abcdef' }, 'send'],
    [{ 'if-none-match': '"x0123456789abcdef"' }, 'send'],
    [{ 'if-none-match': '' }, 'send'],
    [{ 'if-modified-since': DATE }, 'not-modified'],
    [{ 'if-modified-since': AFTER }, 'not-modified'],
    [{ 'if-modified-since': BEFORE }, 'send'],
    [{ 'if-modified-since': 'Sunday, 05-May-24 10:00:00 GMT' }, 'not-modified'],
    [{ 'if-modified-since': 'Sun May  5 10:00:00 2024' }, 'not-modified'],
    [{ 'if-modified-since': '2024-05-05T10:00:00Z' }, 'send'],
    [{ 'if-modified-since': 'nonsense' }, 'send'],
    // If-None-Match before If-Modified-Since, whatever the latter says.
    [{ 'if-none-match': '"other"', 'if-modified-since': AFTER }, 'send'],
    [{ 'if-none-match': '"0123456789abcdef"', 'if-modified-since': BEFORE }, 'not-modified'],
    [{ 'if-match': '"0123456789abcdef"' }, 'send'],
    [{ 'if-match': '*' }, 'send'],
    [{ 'if-match': '"other"' }, 'failed'],
    [{ 'if-match': 'W/"0123456789abcdef"' }, 'failed'],
    [{ 'if-match': '"other"', 'if-none-match': '*' }, 'failed'],
    [{ 'if-unmodified-since': DATE }, 'send'],
    [{ 'if-unmodified-since': BEFORE }, 'failed'],
    [{ 'if-match': '"0123456789abcdef"', 'if-unmodified-since': BEFORE }, 'send'],
  ])('%j: %s', (fields, outcome) => {
    expect(checkConditions(new Headers(fields), validators)).toBe(outcome)
  })

  test.each<[string | undefined, boolean]>([
    [undefined, true],
    ['"0123456789abcdef"', true],
    ['W/"0123456789abcdef"', false],
    ['"other"', false],
    [DATE, true],
    [BEFORE, false],
    [AFTER, false],
    ['nonsense', false],
  ])('If-Range %s lets a range through: %s', (field, isAllowed) => {
    const fields = new Headers(field === undefined ? {} : { 'if-range': field })
    expect(allowsRange(fields, validators, MODIFIED_AT + 60_000)).toBe(isAllowed)
  })

  test('a date of this very second proves nothing', () => {
    expect(allowsRange(new Headers({ 'if-range': DATE }), validators, MODIFIED_AT)).toBe(false)
  })
})
