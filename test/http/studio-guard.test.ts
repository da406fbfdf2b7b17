import { describe, expect, it } from 'vitest'
import { createGuard, type StudioRequest } from '../../src/http/studio/guard.ts'

const TOKEN = 'a-token-of-the-studio'
const guard = createGuard({ port: 4000, token: TOKEN })

const READ: StudioRequest = {
  method: 'GET',
  host: '127.0.0.1:4000',
  origin: undefined,
  site: 'same-origin',
  contentType: undefined,
  headerToken: TOKEN,
  urlToken: undefined,
}
const WRITE: StudioRequest = {
  ...READ,
  method: 'PUT',
  origin: 'http://127.0.0.1:4000',
  contentType: 'application/json',
}
const OPEN: StudioRequest = { ...READ, site: 'none', headerToken: undefined, urlToken: TOKEN }

it.each<[string, StudioRequest, boolean]>([
  ['a read with the token', READ, false],
  ['the page by its URL', OPEN, true],
  ['a write of the page itself', WRITE, false],
  ['the name of this machine', { ...WRITE, host: 'localhost:4000', origin: 'http://localhost:4000' }, false],
  ['a program that is no browser', { ...READ, site: undefined }, false],
])('the guard of the studio lets in %s', (_, asked, isPage) => {
  expect(guard(asked, isPage)).toBeUndefined()
})

describe('the guard of the studio refuses', () => {
  it.each<[string, StudioRequest, number, boolean?]>([
    ['a name that somebody points here', { ...READ, host: 'evil.example:4000' }, 421],
    ['a host that begins as this one', { ...READ, host: '127.0.0.1:4000.evil.example' }, 421],
    ['another port', { ...READ, host: '127.0.0.1:4001' }, 421],
    ['this machine by another address', { ...READ, host: '127.0.0.2:4000' }, 421],
    ['no host', { ...READ, host: undefined }, 421],
    ['a read from another site', { ...READ, site: 'cross-site' }, 403],
    ['a read from another port of this machine', { ...READ, site: 'same-site' }, 403],
    ['a read from another origin', { ...READ, site: undefined, origin: 'http://127.0.0.1:5000' }, 403],
    ['a link of another page, with the token', { ...OPEN, site: 'cross-site' }, 403, true],
    ['no token', { ...READ, headerToken: undefined }, 403],
    ['a wrong token', { ...READ, headerToken: `${TOKEN}x` }, 403],
    ['a wrong token of the same length', { ...READ, headerToken: TOKEN.toUpperCase() }, 403],
    ['an empty token', { ...READ, headerToken: '' }, 403],
    ['the page without the token', { ...OPEN, urlToken: undefined }, 403, true],
    ['anything but the page with the token in the URL alone', OPEN, 403, false],
    ['a write with the token in the URL alone', { ...WRITE, headerToken: undefined, urlToken: TOKEN }, 403],
    ['a write from another origin', { ...WRITE, site: undefined, origin: 'https://evil.example' }, 403],
    ['a write from a sandbox', { ...WRITE, site: undefined, origin: 'null' }, 403],
    ['a write that names no origin', { ...WRITE, origin: undefined }, 403],
    ['a write by the other name of this host', { ...WRITE, origin: 'http://localhost:4000' }, 403],
    ['a write of a form', { ...WRITE, contentType: 'text/plain' }, 415],
    ['a write of no type', { ...WRITE, contentType: undefined }, 415],
  ])('%s', (_, asked, status, isPage = false) => {
    expect(guard(asked, isPage)?.status).toBe(status)
  })
})
