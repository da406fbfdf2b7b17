/** A vector's last segment in a path but for its ending, as a regular expression: the transform and the signature. */
export const VECTOR_TRANSFORM = 'full\\.q[0-9]{1,3}(?:\\.v-[0-9a-f]{10})?\\.[A-Za-z0-9_-]{16}'

/** The end of a path that a vector has, under its own ending or `.auto`; letter case counts for nothing. */
export const vectorPath = (ending: 'auto' | '(?:svg|auto)'): string =>
  `\\.svgz?/${VECTOR_TRANSFORM}\\.${ending}$`
