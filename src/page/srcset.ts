/** The addresses in a `srcset`, or the single one in another attribute. Each ends before white space or a last comma. */
export const listCandidates = (text: string): readonly string[] =>
  [...text.matchAll(/([^\s,](?:\S*[^\s,])?)(?:,+|\s[^,]*|$)/g)].map(([, address = '']) => address)

/** The files of a `srcset` if each has a width. */
export const listFiles = (srcset = ''): readonly string[] | undefined =>
  /^\s*(?:\S+\s+\d+w\s*(?:,\s*|$))+$/.test(srcset) ? listCandidates(srcset) : undefined
