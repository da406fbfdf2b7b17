import type { EdgeSite } from './edge-site.ts'

/** A value as YAML on one line; JSON is valid YAML. */
export const toYaml = (value: unknown): string => JSON.stringify(value)

/** The lines of a block scalar, indented by `depth` spaces. */
export const indentBlock = (text: string, depth: number): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(depth) + line))

/** `serve` as an origin; `path` is put before what is asked of it. */
export const formatServeOrigin = (
  { serve, serveTimeoutSeconds }: EdgeSite,
  path?: string,
): readonly string[] => [
  '          - Id: serve',
  `            DomainName: ${toYaml(serve.hostname)}`,
  ...(path === undefined ? [] : [`            OriginPath: ${toYaml(path)}`]),
  '            CustomOriginConfig:',
  '              OriginProtocolPolicy: https-only',
  `              HTTPSPort: ${serve.port === '' ? 443 : serve.port}`,
  // AWS must be asked for more than sixty.
  `              OriginReadTimeout: ${Math.min(60, serveTimeoutSeconds)}`,
  '              OriginSSLProtocols: ["TLSv1.2"]',
]

/** CloudFront would otherwise cache these errors for ten seconds. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]

/** Errors, and how a distribution answers by default: by this origin, for GET and HEAD. */
export const formatBehavior = (origin: string): readonly string[] => [
  `        CustomErrorResponses: ${toYaml(ERRORS.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })))}`,
  '        DefaultCacheBehavior:',
  `          TargetOriginId: ${origin}`,
  '          ViewerProtocolPolicy: redirect-to-https',
  '          AllowedMethods: ["GET","HEAD"]',
  '          CachedMethods: ["GET","HEAD"]',
  '          Compress: false',
]

/** What the user may add for the site's own host, and the template's outputs. */
export const formatEnd = ({ host }: EdgeSite): readonly string[] => [
  ...(host === undefined
    ? []
    : [
        `        # Aliases: [${JSON.stringify(host)}]`,
        '        # ViewerCertificate: {AcmCertificateArn: arn:aws:acm:us-east-1:…, SslSupportMethod: sni-only}',
      ]),
  'Outputs:',
  '  Domain:',
  '    Value: !GetAtt Distribution.DomainName',
]
