import type { NginxLocation } from './nginx-locations.ts'
import { readUrlForm } from './nginx-pattern.ts'
import { isGuarded, passesOn } from './nginx-signing.ts'

/** What is carried over, or has no meaning where nothing is passed on to a second nginx. */
const KNOWN =
  /^(?:set|rewrite|alias|root|try_files|expires|types|default_type|access_log|error_log|log_not_found|etag|add_header|image_filter(?:_buffer|_interlace|_jpeg_quality)?|secure_link(?:_md5)?|resolver(?:_timeout)?|proxy_(?!cache|store).*|if_modified_since|sendfile|tcp_no.*|gzip.*|keepalive.*|send_timeout|client_.*|limit_except|merge_slashes|chunked_transfer_encoding)$/

const MEANINGS: Readonly<Record<string, string>> = {
  error_page: 'say serve.placeholder for a picture in place of errors, whose status stays what it is',
  empty_gif: 'say serve.placeholder',
  image_filter_sharpen: 'a size may sharpen, a URL of nginx does not',
  image_filter_transparency: 'transparency is kept',
  image_filter_webp_quality: 'the quality of JPEG is that of all formats',
}

/** Directives of the read locations that are not carried over, caches, and signatures that nothing was made of. */
export const noteUnread = (
  locations: readonly NginxLocation[],
  read: ReadonlySet<NginxLocation>,
): readonly string[] => [
  ...locations.filter((each) => read.has(each) || isInFront(each, [...read])).flatMap(noteLocation),
  ...(locations.some(isCached)
    ? ['proxy_cache and proxy_store: not needed, results are kept in `output`.']
    : []),
  ...locations
    .filter((each) => isGuarded(each) && !read.has(each) && !isInFront(each, [...read]))
    .flatMap(noteGuard),
]

const noteLocation = ({ name, own }: NginxLocation): readonly string[] => {
  const unread = own.filter((directive) => !isRead(directive))
  const seen = new Set(unread.map((directive) => directive.name))
  return [...seen]
    .filter((each) => !/^proxy_(?:cache|store)/.test(each))
    .map((each) => `${name}: ${each} is not carried over${each in MEANINGS ? `: ${MEANINGS[each]}` : ''}.`)
}

const isRead = ({ name, args }: NginxLocation['own'][number]): boolean => {
  // The check of secure_link is what a dialect does by itself.
  if (name === 'if') return /\$secure_link\b|\$request_method\b/.test(args.join(' '))
  if (name === 'image_filter_transparency') return args[0] === 'on'
  return KNOWN.test(name)
}

const isCached = ({ own }: NginxLocation): boolean =>
  own.some(({ name, args }) => /^proxy_(?:cache|store)$/.test(name) && args[0] !== 'off')

/** Whether its signature was taken for one of those that were read. */
const isInFront = (location: NginxLocation, read: readonly NginxLocation[]): boolean => {
  const guarded = isGuarded(location) && passesOn(location) ? readUrlForm(location.args)?.prefix : undefined
  return guarded !== undefined && read.some(({ args }) => readUrlForm(args)?.prefix.startsWith(guarded))
}

/** One that was left out itself has been told already. */
const noteGuard = ({ name, own }: NginxLocation): readonly string[] =>
  own.some((directive) => directive.name === 'image_filter') ||
  !own.some(({ name: each }) => /^secure_link/.test(each))
    ? []
    : [`${name}: its secure_link is not carried over.`]
