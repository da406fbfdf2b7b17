import { contentTypeOf, FORMATS, VECTOR_POLICY } from '../core/format.ts'
import { toProblemType } from '../core/problem.ts'
import { ORIGINAL_ENDINGS } from './accept-rules.ts'
import { type EdgeSite, EXPOSED_FIELDS } from './edge-site.ts'
import { VECTOR_TRANSFORM } from './vector-path.ts'

/**
 * The JavaScript that CDNs share: `resolvePath(path, accept)` finds which key a raw path without a query means,
 * `commonHeaders(key, origin)` what `serve` tells browsers of every answer.
 * A plain script, because nothing can be imported there: ES2015 without classes, Map or generators, as CloudFront's
 * runtime 2.0 has it. The rule for `.auto` is that of `url/accept.ts`, with weights; a test compares both.
 */
export const formatEdgeScript = ({ mount, formats, vectors, cors, timingAllowOrigin }: EdgeSite): string => `\
const MOUNT = ${JSON.stringify(mount)};
const FORMATS = ${JSON.stringify(formats)};
const TYPES = ${JSON.stringify(Object.fromEntries(FORMATS.map((format) => [format, contentTypeOf(format)])))};
const ORIGINALS = ${JSON.stringify(ORIGINALS)};
const CORS = ${JSON.stringify(cors)};
const TIMING = ${JSON.stringify(timingAllowOrigin === '*' ? '*' : timingAllowOrigin.join(', '))};

// The key below MOUNT that a raw path means, still escaped; undefined where it can be none, or is private.
function resolvePath(path, accept) {
  if (path.indexOf(MOUNT) !== 0) return undefined;
  const raw = path.slice(MOUNT.length);
  if (/%2f|%00|%5c|\\/\\/|^\\/|\\/$/i.test(raw)) return undefined;
  if (/(^|\\/)(\\.|%2e){1,2}(\\/|$)/i.test(raw) || /^(\\.|%2e)imgsizes(\\/|$)/i.test(raw)) return undefined;
  const auto = /^(.+)\\.auto$/.exec(raw);
  if (auto) return { key: auto[1] + '.' + chooseFormat(raw, accept || ''), isNegotiated: true };
  return /\\.(${FORMATS.join('|')})$/.test(raw) ? { key: raw, isNegotiated: false } : undefined;
}

// Of the formats that accept names with q > 0, the highest q; ties in the order of FORMATS; else the original's.
function chooseFormat(raw, accept) {${
  vectors === 'keep'
    ? `
  if (/(?:\\.|%2e)svgz?\\/${VECTOR_TRANSFORM}\\.auto$/i.test(raw)) return 'svg'; // shown by all
`
    : `
`
}  const name = raw.split('/').slice(-2)[0];
  const ending = /(?:\\.|%2e)((?:(?!%2e)[a-z0-9%])+)$/i.exec(name);
  const original = (ending && ORIGINALS[unescapeText(ending[1]).toLowerCase()]) || 'jpg';
  const formats = FORMATS.map(function (format) { return format === 'original' ? original : format; });
  const weights = parseAccept(accept);
  let best;
  let bestWeight = 0;
  formats.forEach(function (format) {
    const weight = weights[TYPES[format]] || 0;
    if (weight > bestWeight) { best = format; bestWeight = weight; }
  });
  return best || (formats.indexOf(original) >= 0 ? original : formats[formats.length - 1]);
}

function unescapeText(text) {
  try { return decodeURIComponent(text); } catch (error) { return text; }
}

function parseAccept(field) {
  const weights = {};
  splitOutsideQuotes(field, ',').forEach(function (element) {
    const parts = splitOutsideQuotes(element, ';').map(function (part) { return part.trim(); });
    const weight = readWeight(parts.slice(1));
    if (/^[!#$%&'*+.^_\`|~0-9a-z-]+\\/[!#$%&'*+.^_\`|~0-9a-z-]+$/i.test(parts[0]) && weight !== undefined)
      weights[parts[0].toLowerCase()] = weight;
  });
  return weights;
}

function readWeight(parameters) {
  const text = parameters.filter(function (parameter) { return /^q\\s*=/i.test(parameter); })[0];
  if (text === undefined) return 1;
  const value = text.slice(text.indexOf('=') + 1).trim();
  return /^(?:0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?)$/.test(value) ? Number(value) : undefined;
}

function splitOutsideQuotes(text, separator) {
  const parts = [];
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isQuoted && char === '\\\\') i++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) { parts.push(text.slice(start, i)); start = i + 1; }
  }
  parts.push(text.slice(start));
  return parts;
}

// The headers by which browsers do not guess, run nothing in a vector, and know who may read an answer.
function commonHeaders(key, origin) {
  const headers = { 'x-content-type-options': 'nosniff' };${
    vectors === 'keep'
      ? `
  if (/\\.svg$/.test(key)) headers['content-security-policy'] = ${JSON.stringify(VECTOR_POLICY)};`
      : ''
  }
  if (TIMING !== '') headers['timing-allow-origin'] = TIMING;
  if (CORS !== '*' && CORS.length > 0) headers.vary = 'Origin';
  if (CORS === '*' || CORS.indexOf(origin) >= 0) {
    headers['access-control-allow-origin'] = CORS === '*' ? CORS : origin;
    headers['access-control-expose-headers'] = '${EXPOSED_FIELDS}';
  }
  return headers;
}
`

/** The original's format by its ending; for any other ending it is jpg. */
const ORIGINALS = Object.fromEntries(
  [...ORIGINAL_ENDINGS].flatMap(([format, endings]) => endings.map((ending) => [ending, format])),
)

/** For a Worker: answers an error as `serve` does. */
export const PROBLEM_FUNCTION = `\
function problem(status, code, headers) {
  const body = JSON.stringify({ type: '${toProblemType('')}' + code, title: code, status, code });
  return new Response(body, {
    status,
    headers: Object.assign({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' }, headers),
  });
}`
