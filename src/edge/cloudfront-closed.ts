import { formatBehavior, formatEnd, formatServeOrigin, toYaml } from './cloudfront-parts.ts'
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
    ...formatServeOrigin(site),
    ...formatBehavior('serve'),
    `          CachePolicyId: ${MANAGED_CACHING_DISABLED}`,
    '          OriginRequestPolicyId: !Ref OriginRequestPolicy',
    ...formatEnd(site),
    '',
  ].join('\n')
}
