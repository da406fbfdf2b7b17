import { formatEdgeScript } from './edge-script.ts'
import { CLOSED_NOTE, type EdgeSite, requireHttps, toForeignNote } from './edge-site.ts'
import { toLines } from './nginx-text.ts'

/** As Managed-CachingOptimized, but without gzip, which pictures do not need, and without its minimum of one second. */
const CACHE_POLICY = {
  MinTTL: 0,
  DefaultTTL: 86_400,
  MaxTTL: 31_536_000,
  ParametersInCacheKeyAndForwardedToOrigin: {
    CookiesConfig: { CookieBehavior: 'none' },
    HeadersConfig: { HeaderBehavior: 'none' },
    QueryStringsConfig: { QueryStringBehavior: 'none' },
    EnableAcceptEncodingGzip: false,
    EnableAcceptEncodingBrotli: false,
  },
}

/**
 * A CloudFormation template: a distribution that asks the bucket first, and `serve` where that answers 403 or 404; and
 * the function that resolves `.auto`. Problem `edge-unfit` where `serve` is not public.
 */
export const formatCloudFront = (site: EdgeSite): string => {
  requireHttps(site.serve, '--serve')
  const { store, mount } = site
  if (store.kind === 'closed') return formatClosedCloudFront(site)
  return toLines(
    '# imgsizes origin cloudfront: a template for CloudFormation.',
    "# The function was run by imgsizes' own tests against recorded events; the template was not run by them.",
    '#   aws cloudformation deploy --stack-name imgsizes --template-file imgsizes-cloudfront.yaml',
    '# .auto is resolved by Accept before the cache, weights included. The path goes on as it came; queries, cookies and',
    '# headers do not, and are no part of the cache key. Errors are not kept.',
    ...toForeignNote(site).map((line) => `# ${line}`),
    store.kind === 'bucket' &&
      '# Afterwards allow the distribution to read the bucket: the policy is among the outputs. It need not list.',
    'AWSTemplateFormatVersion: "2010-09-09"',
    `Description: ${toYaml(`imgsizes: ${mount} from ${store.kind === 'bucket' ? store.origin.host : site.serve.host}`)}`,
    'Resources:',
    '  EdgeFunction:',
    '    Type: AWS::CloudFront::Function',
    '    Properties:',
    `      Name: !Sub "${sub('AWS::StackName')}-edge"`,
    '      AutoPublish: true',
    '      FunctionConfig: {"Comment":"imgsizes: .auto by Accept","Runtime":"cloudfront-js-2.0"}',
    '      FunctionCode: |',
    ...indentBlock(formatCloudFrontFunction(site), 8),
    '  CachePolicy:',
    '    Type: AWS::CloudFront::CachePolicy',
    '    Properties:',
    '      CachePolicyConfig:',
    `        Name: !Sub "${sub('AWS::StackName')}-cache"`,
    ...Object.entries(CACHE_POLICY).map(([name, value]) => `        ${name}: ${toYaml(value)}`),
    store.kind === 'bucket' && ACCESS,
    DISTRIBUTION,
    formatOrigins(site),
    formatBehavior(store.kind === 'bucket' ? 'bucket-then-serve' : 'serve'),
    '          CachePolicyId: !Ref CachePolicy',
    '          FunctionAssociations:',
    '            - EventType: viewer-request',
    '              FunctionARN: !GetAtt EdgeFunction.FunctionARN',
    '            - EventType: viewer-response',
    '              FunctionARN: !GetAtt EdgeFunction.FunctionARN',
    formatEnd(site),
    store.kind === 'bucket' && formatPolicyOutput(store),
    '',
  ).join('\n')
}

/** The function for both viewer events. Only the key is passed on: both origins put their own path before it. */
const formatCloudFrontFunction = (site: EdgeSite): string => `\
// imgsizes: .auto by Accept, private paths denied. Runtime cloudfront-js-2.0; holds no secret.
${formatEdgeScript(site)}
function handler(event) {
  const request = event.request;
  if (event.response) return describe(request, event.response);
  const accept = request.headers.accept;
  const field = accept && accept.multiValue
    ? accept.multiValue.map(function (each) { return each.value; }).join(', ')
    : accept && accept.value;
  const resolved = resolvePath(request.uri, field);
  if (resolved === undefined)
    return { statusCode: 404, statusDescription: 'Not Found', headers: { 'cache-control': { value: 'max-age=15' } } };
  request.uri = '/' + resolved.key;
  // Read again when the answer comes; no origin sees it.
  delete request.headers['x-imgsizes-auto'];
  if (resolved.isNegotiated) request.headers['x-imgsizes-auto'] = { value: resolved.key };
  return request;
}

function describe(request, response) {
  const headers = response.headers;
  const auto = request.headers['x-imgsizes-auto'];
  const origin = request.headers.origin;
  const common = commonHeaders(auto ? auto.value : request.uri, origin && origin.value);
  Object.keys(common).forEach(function (name) { headers[name] = { value: common[name] }; });
  if (!(auto || /\\.auto$/.test(request.uri)) || response.statusCode >= 400) return response;
  headers.vary = { value: headers.vary ? headers.vary.value + ', Accept' : 'Accept' };
  headers['cache-control'] = { value: ${JSON.stringify(site.autoCacheControl)} };
  if (auto) headers['content-location'] = { value: MOUNT + auto.value };
  return response;
}
`

/** A reference for CloudFormation's `!Sub`. */
const sub = (name: string): string => `$\{${name}}`

const ACCESS = [
  '  BucketAccess:',
  '    Type: AWS::CloudFront::OriginAccessControl',
  '    Properties:',
  '      OriginAccessControlConfig:',
  `        Name: !Sub "${sub('AWS::StackName')}-bucket"`,
  '        OriginAccessControlOriginType: s3',
  '        SigningBehavior: always',
  '        SigningProtocol: sigv4',
]

const formatOrigins = (site: EdgeSite): readonly string[] => {
  const { store, mount } = site
  const ofServe = formatServeOrigin(site, mount.slice(0, -1))
  if (store.kind !== 'bucket') return ['        Origins:', ...ofServe]
  return [
    '        Origins:',
    '          - Id: bucket',
    `            DomainName: ${toYaml(store.origin.hostname)}`,
    `            OriginPath: ${toYaml(store.path.slice(0, -1))}`,
    '            S3OriginConfig: {"OriginAccessIdentity":""}',
    '            OriginAccessControlId: !Ref BucketAccess',
    ...ofServe,
    '        OriginGroups:',
    '          Quantity: 1',
    '          Items:',
    '            - Id: bucket-then-serve',
    '              FailoverCriteria: {"StatusCodes":{"Quantity":2,"Items":[403,404]}}',
    '              Members: {"Quantity":2,"Items":[{"OriginId":"bucket"},{"OriginId":"serve"}]}',
  ]
}

const formatPolicyOutput = (store: Extract<EdgeSite['store'], { kind: 'bucket' }>): readonly string[] => {
  const [bucket = ''] = store.origin.hostname.startsWith('s3.')
    ? store.path.slice(1).split('/')
    : store.origin.hostname.split('.s3.')
  return [
    '  BucketPolicyStatement:',
    '    Value: !Sub >-',
    `      {"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::${bucket}/*",`,
    `      "Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::${sub('AWS::AccountId')}:distribution/${sub('Distribution')}"}}}`,
  ]
}

/** A policy of AWS: nothing is cached; only what an origin request policy names is passed on. */
const MANAGED_CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'

/** CloudFront adds conditions and ranges by itself. */
const ORIGIN_REQUEST_POLICY = {
  CookiesConfig: { CookieBehavior: 'none' },
  HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Accept', 'Origin'] },
  QueryStringsConfig: { QueryStringBehavior: 'all' },
}

/** A template for links that expire: a distribution that asks `serve` each time. Problem `edge-unfit`. */
const formatClosedCloudFront = (site: EdgeSite): string => {
  const serve = requireHttps(site.serve, '--serve')
  return [
    '# imgsizes origin cloudfront: a template for CloudFormation. It was not run by our tests.',
    '#   aws cloudformation deploy --stack-name imgsizes --template-file imgsizes-cloudfront.yaml',
    ...CLOSED_NOTE.map((line) => `# ${line}`),
    'AWSTemplateFormatVersion: "2010-09-09"',
    `Description: ${toYaml(`imgsizes: ${site.mount} from ${serve.host}, links that end`)}`,
    'Resources:',
    '  OriginRequestPolicy:',
    '    Type: AWS::CloudFront::OriginRequestPolicy',
    '    Properties:',
    '      OriginRequestPolicyConfig:',
    `        Name: !Sub "$\{AWS::StackName}-links"`,
    ...Object.entries(ORIGIN_REQUEST_POLICY).map(([name, value]) => `        ${name}: ${toYaml(value)}`),
    ...DISTRIBUTION,
    '        Origins:',
    ...formatServeOrigin(site),
    ...formatBehavior('serve'),
    `          CachePolicyId: ${MANAGED_CACHING_DISABLED}`,
    '          OriginRequestPolicyId: !Ref OriginRequestPolicy',
    ...formatEnd(site),
    '',
  ].join('\n')
}

/** How a distribution begins. */
const DISTRIBUTION = [
  '  Distribution:',
  '    Type: AWS::CloudFront::Distribution',
  '    Properties:',
  '      DistributionConfig:',
  '        Enabled: true',
  '        HttpVersion: http2and3',
  '        Comment: imgsizes',
]

/** A value as YAML on one line; JSON is valid YAML. */
const toYaml = (value: unknown): string => JSON.stringify(value)

/** The lines of a block scalar, indented by `depth` spaces. */
const indentBlock = (text: string, depth: number): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(depth) + line))

/** `serve` as an origin; `path` is put before what is asked of it. */
const formatServeOrigin = ({ serve, serveTimeoutSeconds }: EdgeSite, path?: string): readonly string[] => [
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
const formatBehavior = (origin: string): readonly string[] => [
  `        CustomErrorResponses: ${toYaml(ERRORS.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })))}`,
  '        DefaultCacheBehavior:',
  `          TargetOriginId: ${origin}`,
  '          ViewerProtocolPolicy: redirect-to-https',
  '          AllowedMethods: ["GET","HEAD"]',
  '          CachedMethods: ["GET","HEAD"]',
  '          Compress: false',
]

/** What the user may add for the site's own host, and the template's outputs. */
const formatEnd = ({ host }: EdgeSite): readonly string[] =>
  toLines(
    host !== undefined && [
      `        # Aliases: [${JSON.stringify(host)}]`,
      '        # ViewerCertificate: {AcmCertificateArn: arn:aws:acm:us-east-1:…, SslSupportMethod: sni-only}',
    ],
    'Outputs:',
    '  Domain:',
    '    Value: !GetAtt Distribution.DomainName',
  )
