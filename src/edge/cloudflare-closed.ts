import { PROBLEM_FUNCTION } from './edge-script.ts'
import { CLOSED_NOTE, type EdgeSite, requireHttps } from './edge-site.ts'

/** A Worker for links that expire: it asks `serve` each time. Problem `edge-unfit` where `serve` is not public. */
export const formatClosedCloudflare = (site: EdgeSite): string => {
  const { mount, host = 'example.com' } = site
  const serve = requireHttps(site.serve, '--serve')
  return `\
// imgsizes origin cloudflare: a Worker for the route ${host}${mount}*. It holds no secret.
// Run by imgsizes' own tests in Node against recorded requests; not run at Cloudflare by them.
//   npx wrangler deploy imgsizes-worker.js --name imgsizes --compatibility-date 2026-01-01 --route '${host}${mount}*'
${CLOSED_NOTE.map((line) => `// ${line}`).join('\n')}

const MOUNT = ${JSON.stringify(mount)};
const SERVE = ${JSON.stringify(serve.origin)};
const PASSED_ON = ${JSON.stringify(PASSED_ON)};

export default {
  async fetch(request) {
    if (['GET', 'HEAD', 'OPTIONS'].indexOf(request.method) < 0)
      return problem(405, 'method-not-allowed', { allow: 'GET, HEAD, OPTIONS' });
    // Not new URL(…): that would resolve dot segments.
    const target = request.url.replace(/^[a-z]+:\\/\\/[^/?#]*/i, '').replace(/#.*$/s, '');
    if (target.indexOf(MOUNT) !== 0) return problem(404, 'not-a-key', { 'cache-control': 'max-age=15' });
    const headers = new Headers();
    PASSED_ON.forEach(function (name) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    });
    const address = request.headers.get('cf-connecting-ip');
    if (address !== null) headers.set('x-forwarded-for', address);
    try {
      // What serve says stands, of caching too: answers are private, and live no longer than their link.
      return await fetch(SERVE + target, { method: request.method, headers, redirect: 'manual', cache: 'no-store' });
    } catch (error) {
      return problem(502, 'unavailable', { 'retry-after': '2' });
    }
  },
};

${PROBLEM_FUNCTION}
`
}

/** Without cookies and authorization. */
const PASSED_ON = [
  'accept',
  'origin',
  'access-control-request-method',
  'access-control-request-headers',
  'range',
  'if-none-match',
  'if-modified-since',
  'if-range',
  'if-match',
  'if-unmodified-since',
]
