import { expect, test } from 'vitest'
import { clientAddress } from '../../src/http/exchange.ts'

test.each<[string | undefined, number, string]>([
  [undefined, 0, '10.0.0.1'],
  ['1.1.1.1', 0, '10.0.0.1'],
  [undefined, 1, '10.0.0.1'],
  ['1.1.1.1', 1, '1.1.1.1'],
  ['6.6.6.6, 1.1.1.1', 1, '1.1.1.1'],
  ['6.6.6.6, 1.1.1.1, 2.2.2.2', 2, '1.1.1.1'],
  ['1.1.1.1', 5, '1.1.1.1'],
  ['', 1, '10.0.0.1'],
  [' , ', 1, '10.0.0.1'],
])('X-Forwarded-For %s behind %i proxies: %s', (field, proxies, address) => {
  expect(clientAddress('10.0.0.1', field, proxies)).toBe(address)
})
