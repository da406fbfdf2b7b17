/**
 * Which number each encoder needs to look like mozjpeg at `q`: straight lines between these points.
 *
 * Measured by `test/calibrate/quality.ts` on twelve photographs (Debian's mate-backgrounds, nature) at 960 pixels:
 * the median quality at which an encoder comes to mozjpeg's distance (butteraugli, 3-norm), and mean kilobytes.
 *
 *     mozjpeg   distance   WebP        AVIF        libjpeg-turbo
 *     20 12K    2.87       16   10K    19    6K    19   16K
 *     30 16K    2.14       32   14K    30    8K    27   20K
 *     40 20K    1.73       48   17K    38   11K    36   24K
 *     50 23K    1.50       65   21K    43   13K    45   28K
 *     60 27K    1.34       74   24K    47   15K    54   32K
 *     70 33K    1.16       81   30K    53   18K    65   38K
 *     80 44K    0.92       88   44K    65   26K    78   50K
 *     85 51K    0.82       91   56K    72   33K    83   58K
 *     90 108K   0.62       97  105K    87   63K    89  105K     chroma whole from here on, but for WebP
 *     95 162K   0.47      100  139K    93  126K    94  162K
 *
 * The contract fixes q80 as WebP 80 and AVIF 60, while these photographs need 88 and 65. So that the curves keep
 * their measured shape, they are scaled to pass through that point: by 80/88 and 60/65 below it, and above it in
 * proportion up to 100. libjpeg-turbo has no such point and is as measured. Below 20 WebP cannot look as bad as
 * mozjpeg.
 */
const QUALITIES = [1, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100]
/** Points from left to right: straight lines between them, level beyond. */
export type Line = readonly (readonly [x: number, y: number])[]

/** The line through points of these places and heights. */
export const lineOf = (xs: readonly number[], ys: readonly number[]): Line =>
  xs.map((x, i) => [x, ys[i] ?? x])

/** How high a line is at `x`. */
export const at = (line: Line, x: number): number => {
  const above = line.findIndex(([point]) => point >= x)
  const [x1, y1] = line[above] ?? line.at(-1) ?? [0, 0]
  const [x0, y0] = above > 0 ? (line[above - 1] ?? [x1, y1]) : [x1, y1]
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}

const OWN = {
  webp: lineOf(QUALITIES, [1, 15, 29, 44, 59, 67, 74, 80, 85, 95, 100, 100]),
  avif: lineOf(QUALITIES, [1, 18, 28, 35, 40, 43, 49, 60, 68, 85, 92, 100]),
  libjpeg: lineOf(QUALITIES, [1, 19, 27, 36, 45, 54, 65, 78, 83, 89, 94, 100]),
}

/** An encoder whose numbers differ from mozjpeg's. */
type MappedEncoder = keyof typeof OWN

/** The encoder's own quality, 1..100, that looks like mozjpeg at `quality`; it never falls when that rises. */
export const mapQuality = (encoder: MappedEncoder, quality: number): number =>
  Math.round(at(OWN[encoder], quality))
