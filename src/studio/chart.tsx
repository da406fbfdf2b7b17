import type { Format } from '../core/format.ts'
import { colourOf } from './cells.tsx'
import { niceAbove, pointAt, type QualityCurve } from './curves.ts'
import { formatBytes, formatScore } from './format-text.ts'

const WIDTH = 320
const HEIGHT = 200
const LEFT = 26
const BOTTOM = 20
const TOP = 8
const RIGHT = 8

interface ChartProps {
  readonly curves: readonly QualityCurve[]
  readonly current: { readonly format: Format; readonly quality: number }
}

/** Bytes to the right, score upwards, a line for each format; the dot is the quality that is tried. */
export const Chart = ({ curves, current }: ChartProps) => {
  const points = curves.flatMap((curve) => curve.points)
  const most = niceAbove(Math.max(1, ...points.map(({ bytes }) => bytes)))
  const least = Math.min(60, Math.floor(Math.min(100, ...points.map(({ score }) => score)) / 10) * 10)
  const x = (bytes: number): number => LEFT + (bytes / most) * (WIDTH - LEFT - RIGHT)
  const y = (score: number): number =>
    TOP + (1 - (Math.max(score, least) - least) / (100 - least)) * (HEIGHT - TOP - BOTTOM)
  const own = curves.find(({ format }) => format === current.format)
  const dot = own && pointAt(own.points, current.quality)
  const looks = Array.from({ length: 5 }, (_, index) => least + ((100 - least) * index) / 4)
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby="chart">
        <title id="chart">Bytes against look</title>
        {looks.map((look) => (
          <g key={look}>
            <line class="rule" x1={LEFT} x2={WIDTH - RIGHT} y1={y(look)} y2={y(look)} />
            <text x={LEFT - 5} y={y(look) + 3.5} text-anchor="end">
              {Math.round(look)}
            </text>
          </g>
        ))}
        {[0.5, 1].map((part) => (
          <text key={part} x={x(most * part)} y={HEIGHT - 5} text-anchor={part === 1 ? 'end' : 'middle'}>
            {points.length === 0 ? '' : formatBytes(most * part)}
          </text>
        ))}
        {curves.map(({ format, points: own }) => (
          <g key={format} style={colourOf(format)}>
            <polyline points={own.map(({ bytes, score }) => `${x(bytes)},${y(score)}`).join(' ')} />
            {own.map(({ quality, bytes, score }) => (
              <circle key={quality} cx={x(bytes)} cy={y(score)} r="2.2">
                <title>{`${format.toUpperCase()} at ${quality}: ${formatBytes(bytes)}, look ${formatScore(score)}`}</title>
              </circle>
            ))}
          </g>
        ))}
        {dot && (
          <circle class="dot" style={colourOf(current.format)} cx={x(dot.bytes)} cy={y(dot.score)} r="5.5" />
        )}
      </svg>
      <figcaption>
        {curves.length === 0
          ? 'Rendering the curves …'
          : 'Look (SSIMULACRA2: 90 is as the original, 70 is good) by bytes'}
      </figcaption>
      <table class="unseen">
        <caption>Bytes and look by quality</caption>
        <tbody>
          {curves.flatMap(({ format, points: own }) =>
            own.map(({ quality, bytes, score }) => (
              <tr key={`${format}${quality}`}>
                <th scope="row">{`${format} at ${quality}`}</th>
                <td>{formatBytes(bytes)}</td>
                <td>{formatScore(score)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </figure>
  )
}
