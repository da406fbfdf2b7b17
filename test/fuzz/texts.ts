import { gzipSync } from 'node:zlib'
import { readLines } from '../../src/app/warm/count-log.ts'
import { createLineReader } from '../../src/app/warm/log-line.ts'
import { escapeButColours, escapeControls } from '../../src/core/escape-controls.ts'
import { migrateImgproxy } from '../../src/migrate/from-imgproxy.ts'
import { migrateNginx } from '../../src/migrate/from-nginx.ts'
import { checkMigration, formatMigration } from '../../src/migrate/migration.ts'
import { parseNginx } from '../../src/migrate/nginx-blocks.ts'
import { listCssUrls } from '../../src/page/css-urls.ts'
import { readPage } from '../../src/page/read-page.ts'
import { words } from '../support/words.ts'
import { expectLaw, inChunks, type Target, textTarget } from './target.ts'

const NGINX = `http { upstream u { server 127.0.0.1:8080; }
  map $secure_link $ok { "" 0; default 1; } set $dir "/srv/$host";
  server { listen 80; server_name a b; deny all; add_header X-A "b"; expires 30d;
    location ~ ^/t/(?<w>[\\d-]+)x([\\d-]+)/(.+\\.(?:jpe?g|png))$ {
      secure_link $arg_key; secure_link_md5 "$uri secret"; if ($secure_link = "") { return 404; }
      rewrite ^/t/[^/]+/(.*)$ /originals/$1 break; root \${dir}; image_filter resize $w $2; image_filter_jpeg_quality 85; # c
    }
    location ^~ /c/ { proxy_pass http://u/t/; proxy_cache x; }
    location ~* ^/r/([0-9]+)/(.*)$ { alias '/x/$2'; image_filter rotate 90; }
  } }`

const ENV = `IMGPROXY_KEY=aa,bb\nIMGPROXY_SALT="cc,dd"\nIMGPROXY_FORMAT_QUALITY=jpeg=70, avif = 50,x\nIMGPROXY_PRESETS=a=rs:fill:1:2,b=pr:a/pr:a
IMGPROXY_ALLOWED_SOURCES=s3://b/,https://x.example/*,local://\nIMGPROXY_USE_S3=1\nIMGPROXY_TTL=3600\nIMGPROXY_MAX_SRC_RESOLUTION=16.8\n# c\nIMGPROXY_PATH_PREFIX=/i\nIMGPROXY_WATERMARK_PATH=w.png\n`

const LOG = [
  '1.1.1.1 - - [02/Jan/2024:03:04:05 +0000] "GET /img/a.jpg/640w.q80.x.webp?x=\\x22 HTTP/1.1" 200 5 "-" "a \\"b\\""',
  'o b [02/Jan/2024:03:04:05 +0000] 1.1.1.1 - R REST.GET.OBJECT k "GET /b/k HTTP/1.1" 200',
  '{"level":"info","request":{"method":"GET","uri":"/a?b"},"log":"GET"}',
  '2024 app {"req":{"method":"GET","url":"/a"},"httpRequest":{"requestUrl":"https://a/b"}}',
  '#Fields: date cs-method cs-uri-stem cs-uri-query',
  '2024-01-02\tGET\t/a\tb=c',
  'time=1 method=GET path="/a b" status=200',
].join('\n')

const PAGE = `<!doctype html><base href="/x/"><style>a{background:url("a.jpg")}</style><link rel=preload as=image imagesrcset="a.jpg 1x">
<img src="a.jpg" srcset="a.jpg 1x, b.jpg 2x" sizes="100vw" alt='x' data-imgsizes="card" loading=lazy style="background:image-set(url(b.jpg) 1x)">
<picture><source srcset=c.webp type=image/webp><img src=c.jpg></picture><video poster=d.jpg></video><template><img src=e.jpg></template><!-- <img src=f.jpg> --><svg><image href=g.jpg/></svg>`

export const TEXT_TARGETS: readonly Target[] = [
  textTarget({
    name: "nginx's configurations",
    seeds: [NGINX],
    words: [
      ...[
        'location ',
        '~ ',
        ...words(`
          ^/t/ (\\d+) (.*) (?: )* { } ; " ' \\ $
        `),
        '${',
        '$1',
        'set $a "$a$a";',
      ],
      ...[
        'image_filter resize $1 $2;',
        'rewrite ^/(.*)$ /$1;',
        'expires ',
        '30d',
        'add_header ',
        'proxy_pass http://',
        'if ($a) {',
        'include a;',
      ],
    ],
    read: (text) => {
      const migration = migrateNginx(parseNginx(text))
      checkMigration(migration, '/site')
      formatMigration(migration)
    },
  }),
  textTarget({
    name: "imgproxy's environments and presets",
    seeds: [ENV],
    words: [
      'IMGPROXY_',
      'PRESETS=',
      'KEY=',
      '\n',
      ...words('= , " pr:a rs:fill: /'),
      ' ',
      '#',
      'a=pr:a/pr:a',
    ],
    read: (text) => {
      for (const migration of [migrateImgproxy(text), migrateImgproxy(ENV, text)]) {
        checkMigration(migration, '/site')
        formatMigration(migration)
      }
    },
  }),
  {
    name: 'access logs',
    seeds: [LOG, gzipSync(LOG), `${LOG}\r\n${'x'.repeat(70_000)}\n`],
    words: [
      '"GET ',
      ' HTTP/1.1"',
      ...words('\\x22 \\ " { }'),
      '#Fields: ',
      '\t',
      'method=',
      ' path=',
      'cs-uri-stem',
      '\n',
      '[',
      ']',
      ' REST.GET.OBJECT ',
    ],
    isAnswer: (error) => error instanceof Error && 'code' in error && `${error.code}`.startsWith('Z_'),
    read: async (bytes) => {
      const readLine = createLineReader()
      for await (const lines of readLines(inChunks(bytes))) for (const line of lines) readLine(line)
    },
  },
  textTarget({
    name: 'pages and style sheets',
    seeds: [PAGE],
    words: [
      '<img ',
      ...words(`
        src= srcset=" <picture> </picture> <template> <svg> <!-- --> &amp; " ' > <div> url( )
      `),
      ' 2x,',
      '<style>',
      '</style>',
    ],
    read: (text) => {
      readPage(text)
      listCssUrls(text)
    },
  }),
  textTarget({
    name: 'what goes to a terminal or a log',
    seeds: ['\u001b[31mred\u001b[0m \u009b2J \u202e \n\t'],
    words: ['\u001b[', '31m', '\u009b', '\u2028', '\u007f', '\r', '\b'],
    read: (text) => {
      expectLaw(
        !/[^\P{Cc}\n\t]|[\u2028-\u202e\u2066-\u2069]/u.test(escapeControls(text)),
        'no control character is left',
      )
      const coloured = escapeButColours(text).replace(/\u001b\[[0-9]{1,2}m/g, '')
      expectLaw(!/[^\P{Cc}\n\t]/u.test(coloured), 'none is left but colours')
      expectLaw(escapeControls(escapeControls(text)) === escapeControls(text), 'twice is once')
    },
  }),
]
