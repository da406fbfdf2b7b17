/** A regular expression for a vector's last path segment without its ending: the transform and the signature. */
export const VECTOR_TRANSFORM = 'full\\.q[0-9]{1,3}(?:\\.v-[0-9a-f]{10})?\\.[A-Za-z0-9_-]{16}'

/** A regular expression for the end of a vector's path, with its own ending or `.auto`, in any letter case. */
export const vectorPath = (ending: 'auto' | '(?:svg|auto)'): string =>
  `\\.svgz?/${VECTOR_TRANSFORM}\\.${ending}$`
