import { getServers } from 'node:dns'
import { formatCaddy } from '../../edge/caddy.ts'
import { formatCloudflare } from '../../edge/cloudflare.ts'
import { formatCloudFront } from '../../edge/cloudfront.ts'
import { type EdgeSite, toEdgeSite } from '../../edge/edge-site.ts'
import { formatNginx } from '../../edge/nginx.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, valueFlag } from '../common-flags.ts'
import { type Flags, requireWord, UsageError } from '../flags.ts'
import { loadCommandConfig } from '../with-project.ts'

const KINDS = ['nginx', 'caddy', 'cloudfront', 'cloudflare'] as const
type Kind = (typeof KINDS)[number]

const GROUP = 'What stands in front:'

const FLAGS = {
  serve: valueFlag(GROUP, 'URL of `imgsizes serve`; default: http://127.0.0.1:3000'),
  'bucket-url': valueFlag(GROUP, 'URL of the bucket; default: as its s3:// URI says'),
  listen: valueFlag(GROUP, 'nginx: address and port, default 80; caddy: site address'),
  resolver: valueFlag(GROUP, "nginx: name servers; default: this machine's"),
  cache: valueFlag(GROUP, 'nginx: folder of its cache in front of a bucket'),
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const common = readCommonFlags(flags, context.host)
  const server = flags.argument('server')
  const kind = requireWord(server, KINDS, `${JSON.stringify(server)} is not a known server`)
  const serve = readUrl('serve', flags.text('serve') ?? 'http://127.0.0.1:3000')
  const bucketText = flags.text('bucket-url')
  const config = await loadCommandConfig(common, context, { needsSecret: false })
  const site = toEdgeSite(config, {
    serve,
    ...(bucketText !== undefined && { bucketUrl: readUrl('bucket-url', bucketText) }),
    region: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
    endpoint: process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL,
  })
  const text = formatEdge(kind, site, flags)
  context.terminal.print(
    common.isJson ? JSON.stringify({ version: 1, server: kind, config: text }) : text.trimEnd(),
  )
  return 0
}

const formatEdge = (kind: Kind, site: EdgeSite, flags: Flags): string => {
  switch (kind) {
    case 'nginx':
      return formatNginx(site, {
        listen: flags.text('listen') ?? '80',
        resolvers: flags.text('resolver')?.split(/[\s,]+/) ?? getServers().map(bracket),
        cacheFolder: flags.text('cache') ?? DEFAULT_CACHE,
      })
    case 'caddy':
      return formatCaddy(site, { address: flags.text('listen') })
    case 'cloudfront':
      return formatCloudFront(site)
    case 'cloudflare':
      return formatCloudflare(site)
  }
}

/** nginx makes this folder, but not those above it: Debian has no /var/cache/nginx. */
const DEFAULT_CACHE = '/var/cache/imgsizes'

/** nginx expects an IPv6 address in brackets. */
const bracket = (address: string): string =>
  address.startsWith('[') || !/:.*:/.test(address) ? address : `[${address}]`

const readUrl = (flag: string, text: string): URL => {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || `${url.username}${url.password}${url.search}${url.hash}` !== '')
    throw new UsageError(`--${flag} is ${JSON.stringify(text)}; allowed: http(s)://host:port without query`)
  if (flag === 'serve' && url.pathname !== '/')
    throw new UsageError(`--serve is ${JSON.stringify(text)}; the path is that of baseUrl: leave it out`)
  return url
}

/** `imgsizes origin`. */
export const command: Command = {
  asks: 'In front of which server?',
  examples: [
    ['imgsizes origin nginx > /etc/nginx/conf.d/imgsizes.conf', 'beside serve on the same machine'],
    ['imgsizes origin cloudfront --serve https://origin.example.com', 'a CloudFormation template'],
  ],
  unusedFlags: ['source', 'quiet', 'verbose', 'concurrency'],
  usage:
    '$0 origin <server>\n\nPrints a configuration for a server or CDN in front: the folder or bucket first, imgsizes serve on a miss; serve alone where serve.expiring is on. It holds no secret.',
  argument: ['server', { type: 'string', describe: KINDS.join(', ') }],
  flags: FLAGS,
  run,
}
