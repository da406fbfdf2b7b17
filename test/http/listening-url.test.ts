import { expect, test } from 'vitest'
import { formatLink, formatListening } from '../../src/http/start-listening.ts'

test('what is listened on is a URL, with brackets for IPv6', () => {
  expect(formatListening('127.0.0.1', 3000, '/img/')).toBe('http://127.0.0.1:3000/img/')
  expect(formatListening('::1', 3000, '/')).toBe('http://[::1]:3000/')
})

test('people are given a link that can be opened, and told of every address', () => {
  expect(formatLink('127.0.0.1', 3000, '/img/')).toBe('http://127.0.0.1:3000/img/')
  for (const host of ['0.0.0.0', '::'])
    expect(formatLink(host, 3000, '/img/')).toBe(
      `http://localhost:3000/img/ (every address of this machine, ${host})`,
    )
})
