/** The addresses in a `srcset`, or the single one in another attribute. Each ends before white space or a last comma. */
export const listCandidates = (text: string): readonly string[] =>
  [...text.matchAll(/([^\s,](?:\S*[^\s,])?)(?:,+|\s[^,]*|$)/g)].map(([, address = '']) => address)

/** A file and its density. */
export type Dense = readonly [file: string, density: number]

/** The files of a `srcset` by density, with the density of each; undefined where it is no such. */
export const listDensities = (srcset: string): readonly Dense[] | undefined => {
  const entries = srcset
    .trim()
    .split(/,\s+|(?<=\dx),/)
    .map((entry) => /^(\S+?)(?:\s+(\d+(?:\.\d+)?)x)?$/.exec(entry.trim()))
  return entries.every((entry) => entry !== null)
    ? entries.map(([, file = '', density = '1']) => [file, Number(density)])
    : undefined
}

/** The files of a `srcset` if each has a width. */
export const listFiles = (srcset = ''): readonly string[] | undefined =>
  /^\s*(?:\S+\s+\d+w\s*(?:,\s*|$))+$/.test(srcset) ? listCandidates(srcset) : undefined
