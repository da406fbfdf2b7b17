import { formatEdgeScript, PROBLEM_FUNCTION } from './edge-script.ts'
import { CLOSED_NOTE, type EdgeSite, requireHttps, sharedCacheSeconds, toForeignNote } from './edge-site.ts'

/** A Worker as a module: the bucket first, `serve` on a miss. Problem `edge-unfit` where one of them is not public. */
export const formatCloudflare = (site: EdgeSite): string => {
  const { store, serve, mount } = site
  if (store.kind === 'closed') return formatClosedCloudflare(site)
  requireHttps(serve, '--serve')
  const bucket = store.kind === 'bucket' ? requireHttps(store.origin, '--bucket-url').origin + store.path : ''
  return `\
// imgsizes origin cloudflare: a Worker for the route ${site.host ?? 'example.com'}${mount}*. It holds no secret.
// Run by imgsizes' own tests in Node against recorded requests; not run at Cloudflare by them.
//   npx wrangler deploy imgsizes-worker.js --name imgsizes --compatibility-date 2026-01-01 --route '${site.host ?? 'example.com'}${mount}*'
// .auto is resolved by Accept, weights included. The path goes on as it came; queries and cookies do not, and are no
// part of the cache key. Errors are not kept.
${toForeignNote(site)
  .map((line) => `// ${line}\n`)
  .join(
    '',
  )}${store.kind === 'bucket' ? '// The bucket must let anybody read objects by their URL, and need not let them be listed.\n' : ''}
const BUCKET = ${JSON.stringify(bucket)};
const SERVE = ${JSON.stringify(serve.origin)};
const CACHE_SECONDS = ${sharedCacheSeconds(site.cacheControl)};
const AUTO_CACHE_CONTROL = ${JSON.stringify(site.autoCacheControl)};

${formatEdgeScript(site)}
export default {
  async fetch(request) {
    if (['GET', 'HEAD', 'OPTIONS'].indexOf(request.method) < 0)
      return problem(405, 'method-not-allowed', { allow: 'GET, HEAD, OPTIONS' });
    // Not new URL(…).pathname: that would resolve dot segments.
    const path = request.url.replace(/^[a-z]+:\\/\\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
    // What a script may ask, serve says.
    if (request.method === 'OPTIONS') return fetch(SERVE + path, { method: 'OPTIONS', headers: request.headers });
    const resolved = resolvePath(path, request.headers.get('accept'));
    if (resolved === undefined) return problem(404, 'not-a-key', { 'cache-control': 'max-age=15' });
    try {
      return describe(await look(request, resolved.key), request, resolved);
    } catch (error) {
      return problem(502, 'unavailable', { 'cache-control': 'no-store', 'retry-after': '2' });
    }
  },
};

async function look(request, key) {
  if (BUCKET !== '') {
    const stored = await ask(BUCKET + key, request);
    // S3 says 403 of a missing key where listing is not allowed.
    if (stored.status !== 403 && stored.status !== 404 && stored.status !== 400) {
      if (stored.status < 300 || stored.status === 304 || stored.status === 416 || stored.status === 412) return stored;
      throw new Error('the bucket answered ' + stored.status);
    }
    if (stored.body) await stored.body.cancel();
  }
  return ask(SERVE + MOUNT + key, request);
}

// Only what the answer may depend on: no cookie, no authorization, no query.
function ask(url, request) {
  const headers = new Headers();
  ['range', 'if-none-match', 'if-modified-since', 'if-range', 'if-match', 'if-unmodified-since'].forEach(function (name) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  });
  const address = request.headers.get('cf-connecting-ip');
  if (address !== null && url.indexOf(SERVE) === 0) headers.set('x-forwarded-for', address);
  return fetch(url, {
    method: request.method,
    headers,
    redirect: 'manual',
    cf: { cacheEverything: CACHE_SECONDS > 0, cacheTtlByStatus: { '200-299': CACHE_SECONDS, '300-599': -1 } },
  });
}

function describe(response, request, resolved) {
  const headers = new Headers(response.headers);
  Array.from(headers.keys()).forEach(function (name) {
    if (/^x-(?:amz|rgw)-|^set-cookie$/.test(name)) headers.delete(name);
  });
  if (CORS.length > 0) headers.delete('access-control-allow-origin');
  const common = commonHeaders(resolved.key, request.headers.get('origin'));
  Object.keys(common).forEach(function (name) { headers.set(name, common[name]); });
  if (resolved.isNegotiated && response.status < 400) {
    headers.append('vary', 'Accept');
    headers.set('cache-control', AUTO_CACHE_CONTROL);
    headers.set('content-location', MOUNT + resolved.key);
  }
  return new Response(response.body, { status: response.status, headers });
}

${PROBLEM_FUNCTION}
`
}

/** A Worker for links that expire: it asks `serve` each time. Problem `edge-unfit` where `serve` is not public. */
const formatClosedCloudflare = (site: EdgeSite): string => {
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
