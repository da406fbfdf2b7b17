import type { ConfigInput } from '../config/config-input.ts'
import { defined } from '../core/defined.ts'
import { isOn, type Take, toList } from './imgproxy-values.ts'

type SourceInput = ConfigInput['source']

interface SourceContext {
  readonly take: Take
  readonly notes: string[]
  readonly baseUrl: string | undefined
}

/** Where imgproxy read originals: `source`, undefined where no place is named. */
export const readImgproxySources = (context: SourceContext): { readonly source?: SourceInput } => {
  const { notes } = context
  const { places, isOpen } = listPlaces(context)
  const [first] = places
  if (first === undefined) {
    notes.push(
      'It is not known where the originals are: set source to the folder, bucket or website that URLs name.',
    )
    return {}
  }
  if (isOpen)
    notes.push(
      'IMGPROXY_ALLOWED_SOURCES is not set. Other places that URLs name are 404: add each website and bucket to source.',
    )
  const named = Object.fromEntries(places.map((place, index) => [`source${index + 1}`, place]))
  return { source: places.length === 1 ? first : (named as SourceInput) }
}

/** The places that are named; `isOpen`: URLs could name any other. */
const listPlaces = ({ take, notes, baseUrl }: SourceContext) => {
  const folder = take('LOCAL_FILESYSTEM_ROOT')
  const usesS3 = isOn(take('USE_S3'))
  const query = readS3Query(take)
  const buckets = toList(take('S3_ALLOWED_BUCKETS')).map((bucket) => `s3://${bucket}`)
  const allowed = toList(take('ALLOWED_SOURCES'))
  const isPrivate = ['ALLOW_PRIVATE_SOURCE_ADDRESSES', 'ALLOW_LOOPBACK_SOURCE_ADDRESSES'].map((name) =>
    isOn(take(name)),
  )
  const toPlace = (uri: string): readonly SourcePlace[] =>
    readUri(uri, { query, usesS3, isPrivate: isPrivate.includes(true), notes })
  const named = [...buckets, ...allowed].flatMap(toPlace)
  const based =
    baseUrl === undefined || baseUrl.startsWith('local://') || isWithin(baseUrl, [...buckets, ...allowed])
      ? []
      : toPlace(baseUrl)
  const places = unique([...(folder === undefined ? [] : [folder]), ...named, ...based])
  if (usesS3 && !places.some((place) => typeof place === 'string' && place.startsWith('s3://')))
    notes.push('IMGPROXY_USE_S3 names no bucket: add s3://bucket to source.')
  if (usesS3)
    notes.push('S3 takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment, as imgproxy did.')
  return { places, isOpen: allowed.length === 0 && named.length + based.length === 0 }
}

type SourcePlace = string | { readonly uri: string; readonly allowPrivate: true }

/** imgproxy names buckets in paths, unless it is told not to. */
const readS3Query = (take: Take): string => {
  const [region, endpoint] = [take('S3_REGION'), take('S3_ENDPOINT')]
  const isByPath = isOn(take('S3_ENDPOINT_USE_PATH_STYLE') ?? 'true')
  const query = { endpoint, forcePathStyle: endpoint && isByPath ? 'true' : undefined, region }
  return new URLSearchParams(Object.entries(defined(query))).toString()
}

interface UriContext extends Pick<SourceContext, 'notes'> {
  readonly query: string
  readonly usesS3: boolean
  readonly isPrivate: boolean
}

const readUri = (uri: string, { query, usesS3, isPrivate, notes }: UriContext): readonly SourcePlace[] => {
  // What is allowed is the beginning of a URI, and may be as short as "local".
  if (uri.startsWith('local://') || 'local://'.startsWith(uri)) {
    if (!'local:///'.startsWith(uri)) notes.push(`${uri}: all of IMGPROXY_LOCAL_FILESYSTEM_ROOT is reached.`)
    return []
  }
  const isBucket = uri.startsWith('s3://') || 's3://'.startsWith(uri)
  if (uri.includes('*'))
    notes.push(`${uri} of IMGPROXY_ALLOWED_SOURCES: a source has no wildcard; name each.`)
  else if (isBucket && !/^s3:\/\/[^/]/.test(uri))
    notes.push(`${uri} of IMGPROXY_ALLOWED_SOURCES names no bucket.`)
  else if (isBucket && !usesS3) notes.push(`${uri} was never read: IMGPROXY_USE_S3 is not set. Left out.`)
  else if (isBucket) return [query === '' ? uri : `${uri}?${query}`]
  else if (/^https:\/\/[^/]/.test(uri)) return [isPrivate ? { uri, allowPrivate: true } : uri]
  else notes.push(`${uri}: originals are read from folders, s3:// and https:// only.`)
  return []
}

const isWithin = (uri: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => /:\/\/[^/]/.test(prefix) && uri.startsWith(prefix))

const unique = (places: readonly SourcePlace[]): readonly SourcePlace[] => [
  ...new Map(places.map((place) => [JSON.stringify(place), place])).values(),
]
