/**
 * An S3 server of a site of any size that nobody has stored (`generated-site.ts`): buckets `originals` and `results`,
 * the latter with the files of a folder under `.imgsizes/`. It reads no signature.
 *
 *     node listing-server.mjs <sources> <folder of .imgsizes/> [milliseconds until a listing is answered]
 *
 * Prints its port. `GET /stats` says what it was asked for since the last time, and what it has cost.
 */
import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { etagOf, RESULTS_PER_SOURCE, resultKeys, SOURCE_ETAG, sizeOf, sourceName } from './generated-site.ts'

const SOURCES = Number(process.argv[2])
const FOLDER = process.argv[3] ?? ''
const DELAY_MS = Number(process.argv[4] ?? 0)
const PRIVATE = '.imgsizes/'
const DATE = '2026-11-28T10:00:00.000Z'

interface Entry {
  readonly key: string
  readonly sizeBytes: number
  readonly etag: string
}

/** A bucket as a list: what stands at a place, for any part of it. */
interface Listing {
  readonly length: number
  read(start: number, end: number): Entry[]
}

const originals: Listing = {
  length: SOURCES,
  read: (start, end) =>
    Array.from({ length: Math.max(0, end - start) }, (_, k) => ({
      key: sourceName(start + k),
      sizeBytes: 3_000_000,
      etag: etagOf(start + k, SOURCE_ETAG),
    })),
}

const results: Listing = {
  length: SOURCES * RESULTS_PER_SOURCE,
  read: (start, end) => {
    const entries: Entry[] = []
    for (let i = Math.floor(start / RESULTS_PER_SOURCE); i * RESULTS_PER_SOURCE < end; i++) {
      let j = 0
      for (const key of resultKeys(i)) {
        const place = i * RESULTS_PER_SOURCE + j
        if (place >= start && place < end) entries.push({ key, sizeBytes: sizeOf(i, j), etag: etagOf(i, j) })
        j++
      }
    }
    return entries
  },
}

const listFiles = (): Entry[] =>
  readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      key: PRIVATE + path.slice(FOLDER.length + 1),
      sizeBytes: statSync(path).size,
      etag: etagOf(0, 0),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))

/** Private files first, as their names sort. */
const bucketOf = (name: string): Listing => {
  if (name === 'originals') return originals
  const files = listFiles()
  return {
    length: files.length + results.length,
    read: (start, end) => [
      ...files.slice(start, end),
      ...results.read(Math.max(0, start - files.length), Math.max(0, end - files.length)),
    ],
  }
}

/** The first place whose key is not before `text`, or is after it. Keys are ASCII. */
const findPlace = (listing: Listing, text: string, isAfter: boolean): number => {
  let low = 0
  for (let high = listing.length; low < high; ) {
    const middle = (low + high) >> 1
    const key = listing.read(middle, middle + 1)[0]?.key ?? ''
    if (isAfter ? key <= text : key < text) low = middle + 1
    else high = middle
  }
  return low
}

const toXml = ({ key, sizeBytes, etag }: Entry): string =>
  `<Contents><Key>${key}</Key><LastModified>${DATE}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${sizeBytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`

const list = (bucket: string, query: URLSearchParams): string => {
  const listing = bucketOf(bucket)
  const prefix = query.get('prefix') ?? ''
  const token = query.get('continuation-token')
  const after = query.get('start-after') ?? ''
  const start =
    token !== null
      ? Number(token)
      : Math.max(findPlace(listing, prefix, false), after === '' ? 0 : findPlace(listing, after, true))
  const most = Number(query.get('max-keys') ?? 1000)
  const end = Math.min(start + most, findPlace(listing, `${prefix}\u{ffff}`, false))
  const isTruncated = start + most < findPlace(listing, `${prefix}\u{ffff}`, false)
  const entries = listing.read(start, end)
  stats.keys += entries.length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${prefix}</Prefix>${isTruncated ? `<NextContinuationToken>${end}</NextContinuationToken>` : ''}<KeyCount>${entries.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>${entries.map(toXml).join('')}</ListBucketResult>`
}

const noStats = () => ({ lists: 0, keys: 0, reads: 0, readBytes: 0, puts: 0, heads: 0, mostListsAtOnce: 0 })
let stats = noStats()
let listsAtOnce = 0
let cpu = process.cpuUsage()
/** The prefixes that were listed. */
const prefixes = new Map<string, number>()

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, bucket = '', ...rest] = url.pathname.split('/')
  const key = decodeURIComponent(rest.join('/'))
  if (bucket === 'stats') sayStats(response)
  else if (url.searchParams.has('list-type')) answerListing(bucket, url.searchParams, response)
  else if (request.method === 'PUT') store(key, request, response)
  else if (request.method === 'HEAD' || request.method === 'GET') read(bucket, key, request, response)
  else {
    request.resume()
    response.writeHead(204).end()
  }
}

const answerListing = (bucket: string, query: URLSearchParams, response: ServerResponse): void => {
  stats.lists++
  const prefix = `${bucket} ${query.get('prefix') ?? ''}`
  prefixes.set(prefix, (prefixes.get(prefix) ?? 0) + 1)
  stats.mostListsAtOnce = Math.max(stats.mostListsAtOnce, ++listsAtOnce)
  const say = (): void => {
    listsAtOnce--
    response.setHeader('content-type', 'application/xml')
    response.end(list(bucket, query))
  }
  if (DELAY_MS > 0) setTimeout(say, DELAY_MS)
  else say()
}

const read = (bucket: string, key: string, request: IncomingMessage, response: ServerResponse): void => {
  const path = join(FOLDER, key.slice(PRIVATE.length))
  const size =
    bucket === 'results' && key.startsWith(PRIVATE)
      ? statSync(path, { throwIfNoEntry: false })?.size
      : undefined
  const place = findPlace(originals, key, false)
  const source = bucket === 'originals' ? originals.read(place, place + 1)[0] : undefined
  if (request.method === 'HEAD') stats.heads++
  if (size === undefined && source?.key !== key) {
    response.writeHead(404, { 'content-type': 'application/xml' })
    response.end(request.method === 'HEAD' ? '' : '<Error><Code>NoSuchKey</Code></Error>')
    return
  }
  const headers = { etag: `"${source?.etag ?? etagOf(0, 0)}"`, 'last-modified': new Date(DATE).toUTCString() }
  if (size === undefined || request.method === 'HEAD') {
    response.writeHead(200, { ...headers, 'content-length': size ?? source?.sizeBytes ?? 0 }).end()
    return
  }
  const [, from = '0', to = `${size - 1}`] =
    /^bytes=([0-9]+)-([0-9]+)$/.exec(request.headers.range ?? '') ?? []
  const [start, end] = [Number(from), Math.min(Number(to), size - 1)]
  stats.reads++
  stats.readBytes += end - start + 1
  response.writeHead(request.headers.range ? 206 : 200, {
    ...headers,
    'content-length': end - start + 1,
    ...(request.headers.range && { 'content-range': `bytes ${start}-${end}/${size}` }),
  })
  createReadStream(path, { start, end }).pipe(response)
}

const store = (key: string, request: IncomingMessage, response: ServerResponse): void => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    stats.puts++
    const path = join(FOLDER, key.slice(PRIVATE.length))
    const isTaken = request.headers['if-none-match'] === '*' && statSync(path, { throwIfNoEntry: false })
    if (isTaken) {
      response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>')
      return
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, Buffer.concat(chunks))
    response.writeHead(200, { etag: `"${etagOf(0, 0)}"` }).end()
  })
}

const sayStats = (response: ServerResponse): void => {
  const used = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  const cpuSeconds = (used.user + used.system) / 1e6
  response.end(JSON.stringify({ ...stats, prefixes: Object.fromEntries(prefixes), cpuSeconds }))
  stats = noStats()
  prefixes.clear()
}

const server = createServer(answer)
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
// With whoever started it.
process.stdin.on('end', () => process.exit())
process.stdin.resume()
