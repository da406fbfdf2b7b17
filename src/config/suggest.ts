/** The name of `known` that `name` is most likely a misspelling of; undefined where none is similar. */
export const suggestName = (name: string, known: readonly string[]): string | undefined => {
  const wrong = name.toLowerCase()
  const allowance = Math.max(1, Math.floor(name.length / 3))
  const begun = known.find((right) => wrong.length >= 3 && right.toLowerCase().startsWith(wrong))
  if (begun !== undefined) return begun
  const ranked = known
    .map((right) => ({ right, distance: editDistance(wrong, right.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const [nearest] = ranked
  return nearest !== undefined && nearest.distance <= allowance ? nearest.right : undefined
}

/** Counts insertions, deletions and replacements of one character, and swapped neighbours. */
const editDistance = (a: string, b: string): number => {
  const [xs, ys] = [[...a], [...b]]
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: ys.length + 1 }, (_, column) => column)
  for (const [i, x] of xs.entries()) {
    const next = [i + 1]
    for (const [j, y] of ys.entries()) {
      const replaced = (row[j] ?? 0) + (x === y ? 0 : 1)
      const isSwapped = i > 0 && j > 0 && x === ys[j - 1] && y === xs[i - 1]
      const swapped = isSwapped ? (before[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[ys.length] ?? 0
}
