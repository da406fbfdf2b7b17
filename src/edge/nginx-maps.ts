import { VECTOR_POLICY } from '../core/format.ts'
import { toAcceptRules } from './accept-rules.ts'
import type { EdgeSite } from './edge-site.ts'
import { block, nginxPattern, nginxText, toLines } from './nginx-text.ts'
import { vectorPath } from './vector-path.ts'

/** Whether a path is spelled as no key is. */
export const MISSPELT_MAP = [
  '# Spellings that are no key: an escaped or doubled "/", dot segments.',
  ...block('map $request_uri $imgsizes_misspelt', [
    'default 0;',
    `${nginxPattern('~*', '^[^?]*(?:%2f|//|/(?:\\.|%2e){1,2}(?:[/?]|$))')} 1;`,
  ]),
]

/** The maps of every shape that resolves `.auto`. The path as it arrived: decoding and encoding it again would turn `%2B` into `+`, which is another key. */
export const formatMaps = ({ formats, vectors }: EdgeSite): readonly string[] => {
  const { undecided, rules, fallbacks, originals } = toAcceptRules(formats)
  const ofOriginal = (original: string | undefined): string => `^${original ?? '[a-z]+'}:`
  return toLines(
    '# The path as it came, without the query.',
    block('map $request_uri $imgsizes_path', [
      `${nginxPattern('~', '^(?<imgsizes_raw>[^?]*)')} $imgsizes_raw;`,
    ]),
    MISSPELT_MAP,
    block('map $uri $imgsizes_original', [
      'default jpg;',
      vectors === 'keep' && `${nginxPattern('~*', vectorPath('auto'))} svg;`,
      ...[...originals].map(([format, pattern]) => `${nginxPattern('~*', pattern)} ${format};`),
    ]),
    block('map "$imgsizes_original:$http_accept" $imgsizes_format', [
      vectors === 'keep' && `${nginxPattern('~', '^svg:')} svg;`,
      `${nginxPattern('~*', undecided)} "";`,
      ...rules.map(
        ({ original, pattern, format }) =>
          `${nginxPattern('~*', ofOriginal(original) + pattern.replace('(?:^|,)', '(?:.*,)?'))} ${format};`,
      ),
      ...[...fallbacks].map(([original, format]) => `${nginxPattern('~', ofOriginal(original))} ${format};`),
    ]),
    vectors === 'keep' && POLICY_MAP,
  )
}

/** nginx sends no header without a value. */
const POLICY_MAP = [
  '# Nothing in a vector runs, nor fetches anything, wherever it is opened.',
  ...block('map $uri $imgsizes_policy', [
    'default "";',
    `${nginxPattern('~*', vectorPath('(?:svg|auto)'))} ${nginxText(VECTOR_POLICY)};`,
  ]),
]

/** The origin that may read an answer. */
export const formatCorsMap = ({ cors }: EdgeSite): readonly string[] =>
  cors === '*' || cors.length === 0
    ? []
    : block('map $http_origin $imgsizes_cors', [
        'default "";',
        ...cors.map((origin) => `${nginxText(origin)} ${nginxText(origin)};`),
      ])
