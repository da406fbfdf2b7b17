import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES, readLines } from '../../../src/app/warm/count-log.ts'
import { createFrequent } from '../../../src/app/warm/frequent.ts'
import { createLineReader, type LogRequest } from '../../../src/app/warm/log-line.ts'
import { ANY_CHARACTER } from '../../support/characters.ts'

const URL = '/photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp'

const LINES: readonly (readonly [string, string, LogRequest | undefined])[] = [
  [
    'Common',
    `192.0.2.1 - frank [10/Oct/2000:13:55:36 -0700] "GET ${URL} HTTP/1.0" 200 2326`,
    { method: 'GET', target: URL },
  ],
  [
    'Combined, whose referer and agent are no requests',
    `192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "HEAD ${URL}?x=1 HTTP/2.0" 404 0 "https://a.example/?\\"GET /b HTTP/1.1\\"" "x"`,
    { method: 'HEAD', target: `${URL}?x=1` },
  ],
  [
    'nginx, behind the name of its host',
    `Jan 10 12:00:00 web nginx: img.example.com 192.0.2.1 - - [10/Jan/2025:12:00:00 +0000] "GET ${URL} HTTP/1.1" 200 1 "-" "-" rt=0.001`,
    { method: 'GET', target: URL },
  ],
  [
    'bytes escaped by nginx and Apache',
    `192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /caf\\xC3\\xa9\\"s/a HTTP/1.1" 200 1`,
    { method: 'GET', target: '/caf%C3%a9"s/a' },
  ],
  [
    'S3',
    '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be awsexamplebucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F33A59F07 REST.GET.OBJECT photos/puppy.jpg "GET /awsexamplebucket1/photos/puppy.jpg?x-foo=bar HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader awsexamplebucket1.s3.us-west-1.amazonaws.com TLSV1.2 - -',
    {
      method: 'GET',
      target: '/awsexamplebucket1/photos/puppy.jpg?x-foo=bar',
      bucket: 'awsexamplebucket1',
    },
  ],
  [
    'ALB',
    'h2 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.1.252:48160 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257 "GET https://10.0.2.105:773/a?b=c HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337327-72bd00b0343d75b906739c42" "-" "-" 1 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-" "10.0.0.66:9000" "200" "-" "-"',
    { method: 'GET', target: 'https://10.0.2.105:773/a?b=c' },
  ],
  [
    'ALB, of a request that was none',
    'http 2018-11-30T22:23:00.186641Z app/lb/50dc6c495c0c9188 192.168.131.39:2817 - -1 -1 -1 400 - 0 0 "- http://lb:80- -" "-" - -',
    undefined,
  ],
  [
    'Caddy',
    `{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"${URL}","headers":{"User-Agent":["curl/7.82.0"]}},"bytes_read":0,"duration":0.000929675,"size":10900,"status":200}`,
    { method: 'GET', target: URL },
  ],
  [
    'nginx as JSON, where $uri is decoded and $request_uri is not',
    '{"time":"2025-01-10T12:00:00+00:00","uri":"/a b","request_uri":"/a%20b?key=k","request_method":"GET","status":200}',
    { method: 'GET', target: '/a%20b?key=k' },
  ],
  [
    'nginx as JSON, with its request line',
    '{"remote_addr":"192.0.2.1","request":"GET /a%20b?key=k HTTP/1.1","uri":"/a b","status":"200"}',
    { method: 'GET', target: '/a%20b?key=k' },
  ],
  ['nginx as JSON, with arguments apart', '{"uri":"/a","args":"key=k"}', { method: '', target: '/a?key=k' }],
  [
    'pino',
    `{"level":30,"time":1736510400000,"pid":7,"req":{"id":1,"method":"GET","url":"${URL}","query":{}},"res":{"statusCode":200},"responseTime":3,"msg":"request completed"}`,
    { method: 'GET', target: URL },
  ],
  [
    'serve --json',
    `{"level":30,"time":"2025-01-10T12:00:00.000Z","outcome":"miss","status":200,"sizeBytes":1,"elapsedMs":2,"method":"GET","path":"${URL}","ip":"::1","msg":"request"}`,
    { method: 'GET', target: URL },
  ],
  [
    'serve for people',
    `12:00:00.000 info  request outcome=miss status=200 method=GET path=${URL} ip=::1`,
    { method: 'GET', target: URL },
  ],
  [
    'Google Cloud',
    '{"httpRequest":{"requestMethod":"GET","requestUrl":"https://img.example.com/a?b","status":200}}',
    { method: 'GET', target: 'https://img.example.com/a?b' },
  ],
  [
    'Docker',
    `{"log":"192.0.2.1 - - [10/Jan/2025:12:00:00 +0000] \\"GET ${URL} HTTP/1.1\\" 200 1\\n","stream":"stdout","time":"2025-01-10T12:00:00Z"}`,
    { method: 'GET', target: URL },
  ],
  [
    'JSON behind the name of its service',
    `caddy-1  | {"request":{"method":"GET","uri":"/a"}}`,
    { method: 'GET', target: '/a' },
  ],
  ['logfmt', 'level=info method=GET url="/a b" status=200', { method: 'GET', target: '/a b' }],
  ...[
    `INFO    [2025-01-10T12:00:00Z] Started ${URL} client_ip=192.0.2.1 method=GET request_id=a`,
    `\x1b[1m2025-01-10 12:00:00\x1b[0m \x1b[36m[INF]\x1b[0m Started ${URL} \x1b[36mrequest_id\x1b[0m=a \x1b[36mmethod\x1b[0m=GET`,
    `level=info message="Started ${URL}" method="GET" request_id="a"`,
    `time="2025-01-10 12:00:00" level="INFO" msg="Started ${URL}" request_id="a" method="GET"`,
    `{"level":"info","message":"Started ${URL}","method":"GET","request_id":"a"}`,
    `{"level":"INFO","msg":"Started ${URL}","request_id":"a","method":"GET"}`,
  ].map((line): (typeof LINES)[number] => ['imgproxy', line, { method: 'GET', target: URL }]),
  ...[
    `INFO    [2025-01-10T12:00:00Z] Completed in 40ms ${URL} method=GET request_id=a status=200`,
    `{"level":"info","message":"Completed in 40ms ${URL}","method":"GET","status":200}`,
  ].map((line): (typeof LINES)[number] => ['imgproxy, the same again', line, undefined]),
  [
    'Cloudflare, without a query',
    '{"ClientRequestMethod":"GET","ClientRequestPath":"/a","EdgeResponseStatus":200}',
    { method: 'GET', target: '/a' },
  ],
  [
    'Azure Front Door',
    `{"time":"x","properties":{"httpMethod":"GET","requestUri":"https://img.example.com:443${URL}"}}`,
    { method: 'GET', target: `https://img.example.com:443${URL}` },
  ],
  [
    'AWS WAF',
    '{"action":"ALLOW","httpRequest":{"uri":"/a","args":"key=k","httpMethod":"GET"}}',
    { method: 'GET', target: '/a?key=k' },
  ],
  [
    'Bunny',
    `HIT|200|1507167062421|412|390|192.0.2.1|-|https://a.b-cdn.net${URL}|WA|Mozilla|322b|CZ`,
    { method: '', target: `https://a.b-cdn.net${URL}` },
  ],
  [
    'Squid',
    `1286536310.430    192 192.0.2.1 TCP_MISS/200 507 GET http://img.example.com${URL} - DIRECT/192.0.2.2 image/jpeg`,
    { method: 'GET', target: `http://img.example.com${URL}` },
  ],
  ['another method', '1.2.3.4 - - [x] "POST /a HTTP/1.1" 200 1', { method: 'POST', target: '/a' }],
  ['prose', 'GET /a is what it said', undefined],
  ['JSON of something else', '{"msg":"listening","port":3000}', undefined],
  ['nothing', '', undefined],
]

describe('a line', () => {
  it.each(LINES)('of %s', (_, line, request) => {
    expect(createLineReader()(line)).toEqual(request)
  })

  it('of CloudFront is read by the fields named last', () => {
    const read = createLineReader()
    const lines = [
      '#Version: 1.0',
      '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie)',
      `2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t${URL}\t200\t-\tMozilla/5.0%20(Windows)\t-\t-`,
      '2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tHEAD\td111111abcdef8.cloudfront.net\t/t/1x1/a\t200\t-\tx\tkey=k\t-',
      '#Fields: cs-uri-stem cs-method',
      '/b GET',
      'short',
      '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /c HTTP/1.1" 200 1',
    ]
    expect(lines.map(read)).toEqual([
      undefined,
      undefined,
      { method: 'GET', target: URL },
      { method: 'HEAD', target: '/t/1x1/a?key=k' },
      undefined,
      { method: 'GET', target: '/b' },
      undefined,
      { method: 'GET', target: '/c' },
    ])
  })

  it('of anything makes a request or none', () => {
    const part = fc.oneof(
      fc.string({ unit: ANY_CHARACTER }),
      fc.constantFrom(
        '"GET ',
        '/a',
        ' HTTP/1.1"',
        '\\',
        '\\x',
        '{"request":',
        '}',
        '#Fields: ',
        'method=GET ',
      ),
      fc.constantFrom('cs-uri-stem', '\t', 'path="', '"', ' [', '] REST.GET.OBJECT ', '{"uri":"/a"}', 'null'),
    )
    const line = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.json()), { maxLength: 5 }), (lines) => {
        const read = createLineReader()
        for (const each of lines) {
          const request = read(each)
          if (request !== undefined) expect(request.target).not.toBe('')
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('made to take long does not', () => {
    // Linear, these are milliseconds; else the test's time is over long before they are read.
    for (const text of ['method=GET ', '"GET \\"', '"GET x', '{"', '"AA ', 'path="\\', '# '])
      expect(createLineReader()(text.repeat(2_000_000 / text.length))).toBeUndefined()
  })
})

const collect = async (chunks: Iterable<Uint8Array>): Promise<readonly string[]> => {
  const lines: string[] = []
  const stream = (async function* () {
    yield* chunks
  })()
  for await (const piece of readLines(stream)) lines.push(...piece)
  return lines
}

const cut = (bytes: Uint8Array, length: number): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  )

describe('the lines of a log', () => {
  it('are the same in whatever pieces they come, packed or not', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        async (lines, size) => {
          const bytes = Buffer.from(`x${lines.join('\n')}\n`)
          const expected = [`x${lines[0]}`, ...lines.slice(1)]
          expect(await collect(cut(bytes, size))).toEqual(expected)
          expect(await collect(cut(gzipSync(bytes), size))).toEqual(expected)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('end as on Windows, or not at all, or with another gzip after the first', async () => {
    expect(await collect([Buffer.from('a\r\nb')])).toEqual(['a', 'b'])
    expect(await collect([gzipSync('a\n'), gzipSync('b\n')])).toEqual(['a', 'b'])
    expect(await collect([])).toEqual([])
  })

  it('are never held where they are too long, and counted all the same', async () => {
    const long = Buffer.alloc(MAX_LINE_BYTES + 1, 'a')
    const whole = Buffer.alloc(MAX_LINE_BYTES, 'b').toString()
    const log = Buffer.concat([Buffer.from('1\n'), long, Buffer.from(`\n2\n${whole}\n`), long])
    const expected = ['1', '', '2', whole, '']
    expect(await collect([log])).toEqual(expected)
    expect(await collect(cut(log, 1_000))).toEqual(expected)
  })

  it('of a gzip that is cut off are an error', async () => {
    await expect(collect([gzipSync('a\n'.repeat(1_000)).subarray(0, 20)])).rejects.toMatchObject({
      code: 'Z_BUF_ERROR',
    })
  })
})

describe('the most frequent', () => {
  const counts = (texts: readonly string[]): ReadonlyMap<string, number> => {
    const map = new Map<string, number>()
    for (const text of texts) map.set(text, (map.get(text) ?? 0) + 1)
    return map
  }
  const count = (texts: readonly string[], most: number) => {
    const frequent = createFrequent(most)
    for (const text of texts) frequent.add(text)
    return frequent
  }
  const letters = fc.array(fc.constantFrom(...'aaaaabbbbcccddeefghijk'), { maxLength: 200 })

  it('are counted exactly while there is room', () => {
    fc.assert(
      fc.property(letters, (texts) => {
        const frequent = count(texts, 11)
        expect(new Map(frequent.list().map(({ text, hits }) => [text, hits]))).toEqual(counts(texts))
        expect(frequent.isFull).toBe(false)
        const hits = frequent.list().map((each) => each.hits)
        expect(hits).toEqual([...hits].sort((a, b) => b - a))
      }),
    )
  })

  it('are kept within a bound: none that came more than N/k times is lost, none counted too high', () => {
    fc.assert(
      fc.property(letters, fc.integer({ min: 1, max: 6 }), (texts, most) => {
        const frequent = count(texts, most)
        const kept = frequent.list()
        const real = counts(texts)
        expect(kept.length).toBe(Math.min(most, real.size))
        expect(frequent.isFull).toBe(real.size > most)
        for (const { text, hits } of kept) expect(hits).toBeLessThanOrEqual(real.get(text) ?? 0)
        for (const [text, times] of real)
          if (times > texts.length / most) expect(kept.map((each) => each.text)).toContain(text)
      }),
    )
  })
})
