/** Codes of failures that a source's own bytes cause: they come again as long as bytes, options and limits do. */
export const SOURCE_FAULTS: ReadonlySet<string> = new Set([
  'not-an-image',
  'image-unsupported',
  'image-corrupt',
  'too-many-pixels',
  'too-many-frames',
  'too-many-scans',
  'svg-unsafe',
  'not-a-vector',
  'vector-unsafe',
  'output-too-large',
  'source-too-large',
  'render-timeout',
  'render-crashed',
  'render-bug',
])
