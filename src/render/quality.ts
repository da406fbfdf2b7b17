/**
 * What each encoder has to be told to look like mozjpeg at `q`. Placeholder anchors, to be calibrated.
 */
const ANCHORS = {
  webp: [
    [1, 1],
    [80, 80],
    [100, 100],
  ],
  avif: [
    [1, 1],
    [80, 60],
    [100, 100],
  ],
  libjpeg: [
    [1, 1],
    [80, 78],
    [100, 100],
  ],
} as const satisfies Record<string, readonly (readonly [number, number])[]>

/** An encoder whose numbers differ from mozjpeg's. */
export type MappedEncoder = keyof typeof ANCHORS

/** The encoder's own quality, 1..100, that looks like mozjpeg at `quality`; rises with it. */
export const mapQuality = (encoder: MappedEncoder, quality: number): number => {
  const anchors: readonly (readonly [number, number])[] = ANCHORS[encoder]
  const above = anchors.findIndex(([q]) => q >= quality)
  const [q1, own1] = anchors[above] ?? [100, 100]
  const [q0, own0] = anchors[above - 1] ?? [q1, own1]
  return q1 === q0 ? own1 : Math.round(own0 + ((own1 - own0) * (quality - q0)) / (q1 - q0))
}
