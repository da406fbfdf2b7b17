import { CLOUDFRONT_ERRORS, toYaml } from './cloudfront-parts.ts'
import { CLOSED_NOTE, type EdgeSite, requireHttps } from './edge-site.ts'

/** A policy of AWS: nothing is cached; only what an origin request policy names is passed on. */
const MANAGED_CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'

/** CloudFront adds conditions and ranges by itself. */
const ORIGIN_REQUEST_POLICY = {
  CookiesConfig: { CookieBehavior: 'none' },
  HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Accept', 'Origin'] },
  QueryStringsConfig: { QueryStringBehavior: 'all' },
}

/** A template for links that expire: a distribution that asks `serve` each time. Problem `edge-unfit`. */
export const formatClosedCloudFront = (site: EdgeSite): string => {
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
    '  Distribution:',
    '    Type: AWS::CloudFront::Distribution',
    '    Properties:',
    '      DistributionConfig:',
    '        Enabled: true',
    '        HttpVersion: http2and3',
    '        Comment: imgsizes',
    '        Origins:',
    '          - Id: serve',
    `            DomainName: ${toYaml(serve.hostname)}`,
    '            CustomOriginConfig:',
    '              OriginProtocolPolicy: https-only',
    `              HTTPSPort: ${serve.port === '' ? 443 : serve.port}`,
    // AWS must be asked for more than sixty.
    `              OriginReadTimeout: ${Math.min(60, site.serveTimeoutSeconds)}`,
    '              OriginSSLProtocols: ["TLSv1.2"]',
    `        CustomErrorResponses: ${toYaml(CLOUDFRONT_ERRORS.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })))}`,
    '        DefaultCacheBehavior:',
    '          TargetOriginId: serve',
    '          ViewerProtocolPolicy: redirect-to-https',
    '          AllowedMethods: ["GET","HEAD"]',
    '          CachedMethods: ["GET","HEAD"]',
    '          Compress: false',
    `          CachePolicyId: ${MANAGED_CACHING_DISABLED}`,
    '          OriginRequestPolicyId: !Ref OriginRequestPolicy',
    ...(site.host === undefined
      ? []
      : [
          `        # Aliases: [${JSON.stringify(site.host)}]`,
          '        # ViewerCertificate: {AcmCertificateArn: arn:aws:acm:us-east-1:…, SslSupportMethod: sni-only}',
        ]),
    'Outputs:',
    '  Domain:',
    '    Value: !GetAtt Distribution.DomainName',
    '',
  ].join('\n')
}
