/** The name of `known` that `name` is most likely a slip of the pen for, or undefined. */
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

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [i, x] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, y] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (x === y ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
