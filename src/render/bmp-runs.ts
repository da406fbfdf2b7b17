/**
 * The pixels of run-length coding (BI_RLE8, BI_RLE4), in the file's order of rows: two bytes each, the palette's index
 * and whether the pixel exists at all. Pixels that the runs skip do not.
 */
export const unpackRuns = (
  data: Buffer,
  { width, height, bits }: { readonly width: number; readonly height: number; readonly bits: number },
): Buffer => {
  const rows = Buffer.alloc(width * height * 2)
  let [x, y] = [0, 0]
  const put = (index: number): void => {
    if (x < width && y < height) {
      rows[(y * width + x) * 2] = index
      rows[(y * width + x) * 2 + 1] = 1
    }
    x++
  }
  const indexAt = (i: number, from: (i: number) => number): number =>
    bits === 8 ? from(i) : (from(i >> 1) >> (i % 2 === 0 ? 4 : 0)) & 15

  for (let at = 0; at + 1 < data.length && y < height; ) {
    const [count = 0, value = 0] = data.subarray(at, at + 2)
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(indexAt(bits === 8 ? 0 : i % 2, () => value))
    else if (value === END_OF_LINE) [x, y] = [0, y + 1]
    else if (value === END) break
    else if (value === MOVE) [x, y, at] = [x + (data[at] ?? 0), y + (data[at + 1] ?? 0), at + 2]
    else {
      const start = at
      for (let i = 0; i < value; i++) put(indexAt(i, (byte) => data[start + byte] ?? 0))
      const bytes = bits === 8 ? value : Math.ceil(value / 2)
      at += bytes + (bytes % 2)
    }
  }
  return rows
}

const END_OF_LINE = 0
const END = 1
const MOVE = 2
