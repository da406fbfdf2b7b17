/** A value as YAML on one line; JSON is valid YAML. */
export const toYaml = (value: unknown): string => JSON.stringify(value)

/** The lines of a block scalar, indented by `depth` spaces. */
export const indentBlock = (text: string, depth: number): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(depth) + line))

/** Errors that CloudFront would otherwise cache for ten seconds. */
export const CLOUDFRONT_ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]
