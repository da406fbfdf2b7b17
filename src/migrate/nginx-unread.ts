import { compact } from '../core/defined.ts'
import {
  type Directive,
  isAccess,
  isInherited,
  isOff,
  type NginxBlock,
  type NginxLocation,
  takesArgument,
} from './nginx-blocks.ts'
import { listOtherHeaders } from './nginx-headers.ts'
import { readUrlForm } from './nginx-pattern.ts'
import { listRules } from './nginx-rules.ts'
import { isGuarded } from './nginx-signing.ts'
import type { TryPattern } from './try-pattern.ts'

/** Directives that are carried over, or have no meaning here because nothing is passed on to a second nginx. */
const KNOWN =
  /^(?:set|rewrite|alias|root|try_files|expires|types|default_type|access_log|error_log|log_not_found|etag|add_header|internal|image_filter(?:_buffer|_interlace|_jpeg_quality)?|secure_link(?:_md5)?|resolver(?:_timeout)?|proxy_(?!cache|store).*|if_modified_since|sendfile|tcp_no.*|gzip.*|keepalive.*|send_timeout|client_.*|limit_except|merge_slashes|chunked_transfer_encoding|auth_basic_user_file|limit_(?:req|conn)_(?:status|log_level)|location)$/

const LETS_IN = 'whom it kept out is let in here'

const MEANINGS: readonly (readonly [name: RegExp, meaning: string])[] = [
  [/^(?:allow|deny|auth_.*|ssl_verify_client)$/, LETS_IN],
  [/^valid_referers$/, 'other sites may show these pictures'],
  [/^limit_/, 'serve.queue bounds what waits to be rendered, and not what one visitor asks for'],
  [/^error_page$/, 'say serve.placeholder for a picture in place of errors, whose status stays what it is'],
  [/^empty_gif$/, 'say serve.placeholder'],
  [/^try_files$/, 'say serve.placeholder for a picture in place of one that is missing'],
  [/^rewrite /, 'URLs of that form are not answered'],
  [/^image_filter_sharpen$/, 'a size may sharpen, a URL of nginx does not'],
  [/^image_filter_transparency$/, 'transparency is kept'],
  [/^image_filter_webp_quality$/, 'the quality of JPEG is that of all formats'],
  [/^add_header timing-allow-origin$/i, 'say serve.timingAllowOrigin'],
  [/^add_header access-control-allow-origin$/i, 'say serve.cors'],
]

/** What became of the locations of a configuration. */
interface NginxOutcome {
  readonly locations: readonly NginxLocation[]
  /** Those that became dialects, with the location in front of each. */
  readonly read: readonly { readonly location: NginxLocation; readonly front?: NginxLocation }[]
  /** Variables that tell whether a signature is valid, `$secure_link` among them. */
  readonly checks: ReadonlySet<string>
  readonly tryPattern: TryPattern
}

/** Notes on directives that apply to these locations and are not carried over, caches, and unused signatures. */
export const noteUnread = ({ locations, read, checks, tryPattern }: NginxOutcome): readonly string[] => {
  const used = new Set(read.flatMap(({ location, front }) => [location, ...(front ? [front] : [])]))
  const behind = new Set(read.flatMap(({ location, front }) => (front === undefined ? [] : [location])))
  return compact(
    ...locations
      .filter((each) => used.has(each))
      .flatMap((each) => noteLocation(each, { checks, isBehind: behind.has(each) })),
    ...noteOuterRules(read, checks),
    ...noteInner(locations, used),
    ...noteTakers(locations, used, tryPattern),
    locations.some(isCached) && 'proxy_cache and proxy_store: not needed, results are kept in `output`.',
    ...locations.filter((each) => isGuarded(each) && !used.has(each)).flatMap(noteGuard),
  )
}

const say = (place: string, what: string): string => {
  const [, meaning] = MEANINGS.find(([name]) => name.test(what)) ?? []
  return `${place}: ${what} is not carried over${meaning === undefined ? '' : `: ${meaning}`}.`
}

/** A location behind another is not asked for by visitors, so whom it keeps out does not matter. */
const noteLocation = (
  location: NginxLocation,
  { checks, isBehind }: { readonly checks: ReadonlySet<string>; readonly isBehind: boolean },
): readonly string[] => {
  const { name, own } = location
  const unread = own
    .filter((directive) => !isRead(directive, checks) && !choosesSize(directive, location))
    .filter(({ name }) => !(isBehind && isAccess(name)))
    // It was followed to the location that resizes.
    .filter(({ name, args }) => !(isFront(location) && name === 'try_files' && args.at(-1)?.startsWith('@')))
    .map(describe)
  const headers = own.some(isAddHeader) ? listOtherHeaders(location) : []
  return [...new Set([...unread, ...headers.map((header) => `add_header ${header}`)])]
    .filter((each) => !/^proxy_(?:cache|store)/.test(each))
    .map((each) => say(name, each))
}

/** Whether a location does not resize, but leads to one that does. */
const isFront = ({ own }: NginxLocation): boolean => !own.some(isSizing)

const isSizing = ({ name, args }: Directive): boolean => name === 'image_filter' && args[0] !== 'off'

/** Rules of a block are noted once, for whichever of its locations they apply. */
const noteOuterRules = (read: NginxOutcome['read'], checks: ReadonlySet<string>): readonly string[] => {
  const told = new Map<NginxBlock, Set<string>>()
  const tell = (block: NginxBlock, what: string): void => {
    told.set(block, (told.get(block) ?? new Set()).add(what))
  }
  const isNew = createOnce()
  for (const { location, front } of read)
    for (const asked of front === undefined ? [location] : [front, location]) {
      const isVisited = asked === (front ?? location)
      if (!isNew(asked, isVisited)) continue
      const rules = listRules(asked).filter(({ directive }) => !isRead(directive, checks, true))
      for (const { block, directive } of rules)
        if (isVisited || !isAccess(directive.name)) tell(block, describe(directive))
      const adding = asked.own.some(isAddHeader)
        ? undefined
        : asked.around.find(({ headers }) => headers.length > 0)
      if (adding !== undefined)
        for (const header of listOtherHeaders(asked)) tell(adding, `add_header ${header}`)
    }
  return [...told].flatMap(([{ name }, whats]) => [...whats].map((what) => say(name, what)))
}

/** Whether the rules around a location were not seen yet: of thousands of locations, most have the same. */
const createOnce = (): ((location: NginxLocation, isVisited: boolean) => boolean) => {
  const seen = new Map<NginxLocation['around'], Set<string>>()
  return ({ own, around }, isVisited) => {
    const says = own.map(({ name }) => name).filter((name) => isInherited(name) || name === 'add_header')
    const id = [isVisited, ...new Set(says)].join(' ')
    const known = seen.get(around) ?? new Set()
    seen.set(around, known)
    return !known.has(id) && known.add(id) !== undefined
  }
}

const isAddHeader = ({ name }: Directive): boolean => name === 'add_header'

/** For a condition, what it looks at: a block may contain several. */
const describe = ({ name, args }: Directive): string => {
  if (name === 'try_files') return [name, ...listOtherPlaces(args)].join(' ')
  return name === 'if' || name === 'rewrite'
    ? [name, ...args.slice(0, name === 'if' ? undefined : 1)].join(' ')
    : name
}

/** Where `try_files` looks for originals that are not at its first place. */
const listOtherPlaces = ([first = '', ...others]: readonly string[]): readonly string[] =>
  first.startsWith('$uri') ? [] : others.filter((each) => each.includes('$') && !each.startsWith('$uri'))

const isRead = (
  { name, args, block = [] }: Directive,
  checks: ReadonlySet<string>,
  isOuter = false,
): boolean => {
  if (name === 'if') {
    if (block.length > 0 && block.every(takesArgument(args))) return true
    // A dialect checks signatures by itself.
    const variables = args.join(' ').match(/\$\w+/g) ?? []
    return variables.some((variable) => checks.has(variable) || variable === '$request_method')
  }
  if (name === 'image_filter_transparency') return args[0] === 'on'
  if (name === 'try_files')
    return args.length < 2 || (listOtherPlaces(args).length === 0 && /^=|\$/.test(args.at(-1) ?? ''))
  if (isAccess(name) && isOff({ name, args })) return true
  return !(isOuter && name === 'rewrite') && KNOWN.test(name)
}

/** Whether an `if` only chooses the size of a location that was carried over with each of its sizes. */
const choosesSize = ({ name, block = [] }: Directive, { own }: NginxLocation): boolean => {
  const sides = own.filter((each) => each.name === 'image_filter').flatMap(({ args }) => args)
  return name === 'if' && block.length > 0 && block.every(({ args: [set = ''] }) => sides.includes(set))
}

/**
 * Locations in one that was read, without sizes of their own: there nginx reads other originals, or shows them as they
 * are.
 */
const noteInner = (
  locations: readonly NginxLocation[],
  used: ReadonlySet<NginxLocation>,
): readonly string[] =>
  locations.flatMap(({ name, own, around: [block, outer] }) => {
    if (block?.kind !== 'location' || own.some(isSizing)) return []
    const around = [...used].find((each) => each.name === block.name && each.around[0] === outer)
    return around === undefined
      ? []
      : [`${name}: it is within ${around.name}, and its URLs are answered like those.`]
  })

/**
 * Locations beside one that was read, of the same URLs, that nginx asks first. Patterns count where it is known what
 * their URLs begin with, or that these are pictures.
 */
const noteTakers = (
  locations: readonly NginxLocation[],
  used: ReadonlySet<NginxLocation>,
  tryPattern: TryPattern,
): readonly string[] => {
  const beside = new Map<NginxLocation['around'], Beside[]>()
  for (const [at, location] of locations.entries()) {
    const { args, around, own } = location
    const prefix = args[0] === '=' ? args[1] : (readUrlForm(args, tryPattern)?.prefix ?? readHead(args))
    if (prefix === undefined || own.some(({ name }) => name === 'internal')) continue
    const each = { location, at, prefix }
    if (beside.get(around)?.push(each) === undefined) beside.set(around, [each])
  }
  return [...beside.values()].flatMap((all) => {
    const others = all.filter(({ location }) => !used.has(location))
    return all
      .filter(({ location }) => used.has(location))
      .flatMap((one) =>
        others
          .filter((other) => isFirst(other, one))
          .map(
            ({ location: { name } }) =>
              `${name}: nginx asks it before ${one.location.name}; here URLs of both are answered like those of the latter.`,
          ),
      )
  })
}

/** The folders that a pattern begins with, where it has another form. */
const readHead = (args: readonly string[]): string | undefined =>
  /^\^(\/(?:[\w-]+\/)+)/.exec(args.at(-1) ?? '')?.[1]

/** A location, its place among all, and what its URLs begin with. */
interface Beside {
  readonly location: NginxLocation
  readonly at: number
  readonly prefix: string
}

/** Whether nginx asks `other` first for URLs of `one`, neither of which is a front of the other. */
const isFirst = (other: Beside, one: Beside): boolean => {
  const [way = ''] = other.location.args
  const [ownWay = ''] = one.location.args
  const isPattern = way.startsWith('~')
  const isBelow = other.prefix.startsWith(one.prefix) && other.prefix !== '/'
  if (way === '=') return isBelow
  if (ownWay.startsWith('~'))
    return isPattern
      ? other.at < one.at && (isBelow || isOfPictures(other))
      : way === '^~' && (isBelow || one.prefix.startsWith(other.prefix))
  return isPattern ? ownWay !== '^~' && (isBelow || isOfPictures(other)) : isBelow
}

const isOfPictures = ({ location: { args }, prefix }: Beside): boolean =>
  prefix === '/' && /\\\.\(?(?:\?:)?(?:[\w?]+\|)*(?:jpe?\??g|png|gif|webp)\b/.test(args.at(-1) ?? '')

const isCached = ({ own }: NginxLocation): boolean =>
  own.some(({ name, args }) => /^proxy_(?:cache|store)$/.test(name) && args[0] !== 'off')

/** A location that was left out itself has its note already. */
const noteGuard = ({ name, own }: NginxLocation): readonly string[] =>
  own.some((directive) => directive.name === 'image_filter') ||
  !own.some(({ name: each }) => /^secure_link/.test(each))
    ? []
    : [
        `ATTENTION: ${name}: its secure_link is not carried over: see whether what it guards is unsigned here.`,
      ]
