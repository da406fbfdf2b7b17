import { createHash } from 'node:crypto'
import { signImgproxyPath } from '../../src/url/imgproxy.ts'

/** Key and salt in the examples of imgproxy's documentation: "secret" and "hello". */
export const IMGPROXY = { key: '736563726574', salt: '68656C6C6F' } as const

/** The same as bytes. */
export const IMGPROXY_KEY = { key: Buffer.from(IMGPROXY.key, 'hex'), salt: Buffer.from(IMGPROXY.salt, 'hex') }

/** The path of a URL of imgproxy, with its signature before it. */
export const signImgproxy = (rest: string): string => `/${signImgproxyPath(rest, IMGPROXY_KEY, 32)}${rest}`

/** What nginx's `secure_link_md5 "$uri secret"` wants to be told. */
export const secureLink = (uri: string, secret = 'secret'): string =>
  createHash('md5').update(`${uri} ${secret}`).digest('base64url')

/** A path with that as its argument; each segment escaped. */
export const signNginx = (uri: string, secret?: string, arg = 'key'): string =>
  `${uri.split('/').map(encodeURIComponent).join('/')}?${arg}=${secureLink(uri, secret)}`
