/**
 * The key that a URL's raw path spells below `mount` ("/" or "/img/"), percent-decoded once; undefined where it
 * spells none: outside the mount, `%2F`, `%00`, bytes that are no UTF-8, a broken escape, an empty segment.
 */
export const parseUrlPath = (rawPath: string, mount: string): string | undefined => {
  if (!rawPath.startsWith(mount)) return undefined
  const encoded = rawPath.slice(mount.length)
  if (encoded === '' || FORBIDDEN_ESCAPE.test(encoded)) return undefined
  const text = decodeOnce(encoded)
  return text === undefined || text.split('/').includes('') ? undefined : text
}

/** The URL of a key: every byte outside `A-Z a-z 0-9 - . _ ~` and "/" as `%XX`. `baseUrl` ends in "/". */
export const formatUrl = (baseUrl: string, key: string): string => baseUrl + encodePath(key)

/** The path of a key as it stands in a URL. */
export const encodePath = (key: string): string =>
  // encodeURIComponent leaves these five alone beyond what the contract allows.
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const FORBIDDEN_ESCAPE = /%2f|%00/i

const decodeOnce = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a URIError is the only thing it throws: a broken escape or invalid UTF-8
  }
}
