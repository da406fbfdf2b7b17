/** A column, or a row. */
export type Vector = readonly [number, number, number]
/** Three rows. */
export type Matrix = readonly [Vector, Vector, Vector]

/** A matrix times a column. */
export const apply = ([a, b, c]: Matrix, v: Vector): Vector => [dot(a, v), dot(b, v), dot(c, v)]

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** Rows become columns. */
export const transpose = ([a, b, c]: Matrix): Matrix => [
  [a[0], b[0], c[0]],
  [a[1], b[1], c[1]],
  [a[2], b[2], c[2]],
]

/** The product: applies `b` first. */
export const multiply = (a: Matrix, b: Matrix): Matrix => {
  const [x, y, z] = transpose(b)
  return transpose([apply(a, x), apply(a, y), apply(a, z)])
}

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

/** The inverse; where there is none, its numbers are not finite. */
export const invert = ([a, b, c]: Matrix): Matrix => {
  const [p, q, r] = [cross(b, c), cross(c, a), cross(a, b)]
  const size = dot(a, p)
  const scale = (v: Vector): Vector => [v[0] / size, v[1] / size, v[2] / size]
  return transpose([scale(p), scale(q), scale(r)])
}
