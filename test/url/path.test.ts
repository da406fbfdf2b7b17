import { expect, it } from 'vitest'
import { formatUrl, parseTarget, parseUrlPath } from '../../src/url/path.ts'

it.each([
  ['a/b/c-._~.jpg', 'a/b/c-._~.jpg'],
  ["!'()*+, é%.jpg", '%21%27%28%29%2A%2B%2C%20%C3%A9%25.jpg'],
])('the key %s is %s in a URL, and read out of it again', (key, path) => {
  expect(formatUrl('https://a.example/img/', key)).toBe(`https://a.example/img/${path}`)
  expect(parseUrlPath(`/img/${path}`, '/img/')).toBe(key)
})

it.each([
  '/other/a',
  '/img/',
  '/img/a//b',
  '/img//a',
  '/img/a/',
  '/img/a%2Fb',
  '/img/%00',
  '/img/%ff',
  '/img/%4',
])('no key is in %s', (path) => {
  expect(parseUrlPath(path, '/img/')).toBeUndefined()
})

it.each([
  ['/a/b?c=1?d#e?f', '/a/b', 'c=1?d', true],
  ['/a#b', '/a', '', true],
  ['/a#b?c', '/a', '', true],
  ['https://host?a=1', '', 'a=1', false],
  ['https://host?a/b', '', 'a/b', false],
  ['HTTPS://Host#a', '', '', true],
  ['x-y+z.1://host/a://b', '/a://b', '', false],
])('the target %s has the path "%s" and the query "%s"', (target, path, query, hasFragment) => {
  expect(parseTarget(target)).toEqual({ path, query, hasFragment })
})
