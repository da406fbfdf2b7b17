import { useState } from 'preact/hooks'
import type { CellTotal, Outlier, Prediction, Setup, Totals } from '../app/studio/protocol.ts'
import { FORMATS, RASTER_FORMATS } from '../core/format.ts'
import { askJson } from './api.ts'
import { colourOf, FormatCell, NumberHead } from './cells.tsx'
import { formatBytes, formatMinutes, formatNumber, formatPercent } from './format-text.ts'
import { toHash } from './route.ts'
import { useAnswer } from './use-answer.ts'
import type { PageProps } from './use-sources.ts'
import { VisitsSection } from './visits.tsx'

/** Sums over all results, unusually large ones, the cost of additions, and what visitors asked for. */
export const TotalsPage = ({ setup, inventory: { sources } }: PageProps) => {
  const { answer: totals, problem } = useAnswer<Totals>('totals', sources)
  if (problem !== undefined) return <p class="nothing">{problem}</p>
  if (totals === undefined) return <p class="nothing">Reading the pictures …</p>
  const { cells } = totals
  const count = (state: 'built' | 'missing' | 'stale' | 'failing'): number =>
    cells.reduce((sum, cell) => sum + cell[state], 0)
  return (
    <div class="totals">
      <h1>Totals</h1>
      <dl class="figures">
        <Figure value={formatNumber(totals.sources)} label="pictures" />
        <Figure value={formatBytes(totals.sourceBytes)} label="of originals" />
        <Figure value={formatBytes(totals.resultBytes)} label="of results" />
        <Figure value={formatNumber(count('built'))} label="results built" />
        <Figure value={formatNumber(count('missing'))} label="missing" />
        <Figure value={formatNumber(count('stale'))} label="stale" />
        <Figure value={formatNumber(count('failing'))} label="failing" />
      </dl>
      <CellsSection setup={setup} cells={cells} />
      <PredictSection setup={setup} />
      <OutliersSection outliers={totals.outliers} />
      {setup.hasLog ? <VisitsSection /> : undefined}
      {setup.hasLog ? undefined : (
        <section class="card" aria-labelledby="visits">
          <h2 id="visits">What visitors asked for</h2>
          <p class="hint">
            Start it as <code>imgsizes studio --log access.log</code> to see what visitors asked for beside
            what is built.
          </p>
        </section>
      )}
    </div>
  )
}

const Figure = ({ value, label }: { readonly value: string; readonly label: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
)

const CellsSection = ({ setup, cells }: { readonly setup: Setup; readonly cells: readonly CellTotal[] }) => {
  const most = Math.max(1, ...cells.map(({ bytes }) => bytes))
  const whole = cells.reduce((sum, { bytes }) => sum + bytes, 0)
  const order = (cell: CellTotal): number =>
    setup.sizes.findIndex(({ name }) => name === cell.size) * 10 + FORMATS.indexOf(cell.format)
  const sorted = [...cells].sort((a, b) => order(a) - order(b))
  return (
    <section class="card" aria-labelledby="cells">
      <h2 id="cells">Bytes by size and format</h2>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Size</th>
              <th scope="col">Format</th>
              <NumberHead>Results</NumberHead>
              <NumberHead>Bytes</NumberHead>
              <NumberHead>Share</NumberHead>
              <NumberHead>Each</NumberHead>
              <th scope="col" class="bars">
                <span class="unseen">Bytes as a bar</span>
              </th>
              <NumberHead>Not built</NumberHead>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ size, format, built, bytes, missing, stale, failing }) => (
              <tr key={`${size} ${format}`}>
                <th scope="row">{size}</th>
                <FormatCell format={format} />
                <td class="n">{formatNumber(built)}</td>
                <td class="n">{formatBytes(bytes)}</td>
                <td class="n">{formatPercent(bytes, whole)}</td>
                <td class="n">{built === 0 ? '–' : formatBytes(bytes / built)}</td>
                <td class="bars" aria-hidden="true">
                  {bytes > 0 && (
                    <span class="bar-of" style={{ ...colourOf(format), width: `${(bytes / most) * 100}%` }} />
                  )}
                </td>
                <td class="n">
                  {missing + stale + failing === 0 ? '' : formatNumber(missing + stale + failing)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const OutliersSection = ({ outliers }: { readonly outliers: readonly Outlier[] }) => (
  <section class="card" aria-labelledby="outliers">
    <h2 id="outliers">Outliers</h2>
    {outliers.length === 0 ? (
      <p class="hint">No result has many more bytes to a pixel than others of its size and format.</p>
    ) : (
      <div class="wide">
        <table>
          <caption class="hint">Many more bytes to a pixel than is usual for their size and format</caption>
          <thead>
            <tr>
              <th scope="col">Picture</th>
              <th scope="col">Size</th>
              <th scope="col">Format</th>
              <NumberHead>Bytes</NumberHead>
              <NumberHead>Times the usual</NumberHead>
            </tr>
          </thead>
          <tbody>
            {outliers.map(({ source, size, format, bytes, times }) => (
              <tr key={`${source} ${size} ${format}`}>
                <th scope="row">
                  <a href={toHash({ kind: 'picture', source })}>{source}</a>
                </th>
                <td>{size}</td>
                <td>{format.toUpperCase()}</td>
                <td class="n">{formatBytes(bytes)}</td>
                <td class="n">{times.toFixed(1)} ×</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const NEW_FORMATS = RASTER_FORMATS.filter((format) => format !== 'gif')

const PredictSection = ({ setup }: { readonly setup: Setup }) => {
  const [kind, setKind] = useState<'width' | 'format'>('width')
  const [width, setWidth] = useState(1280)
  const [format, setFormat] = useState<string>(
    NEW_FORMATS.find((each) => !setup.formats.includes(each)) ?? 'avif',
  )
  const [said, setSaid] = useState('')
  const predict = async (): Promise<void> => {
    const asked = kind === 'width' ? { width: String(width), formats: setup.formats } : { format }
    try {
      const { results, bytes, minutes } = await askJson<Prediction>('predict', asked)
      setSaid(
        results === 0
          ? 'Every size has that format already.'
          : `${formatNumber(results)} results, about ${formatBytes(bytes)}, and ${formatMinutes(minutes)} on this machine.`,
      )
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <section class="card" aria-labelledby="predict">
      <h2 id="predict">What something new would cost</h2>
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault()
          void predict()
        }}
      >
        <select
          aria-label="What is new"
          value={kind}
          onChange={({ currentTarget }) => setKind(currentTarget.value as 'width' | 'format')}
        >
          <option value="width">A width of all pictures</option>
          <option value="format">A format of all sizes</option>
        </select>
        {kind === 'width' ? (
          <label>
            <input
              type="number"
              aria-label="Width in pixels"
              min="1"
              max="16383"
              required
              value={width}
              onInput={({ currentTarget }) => setWidth(Number(currentTarget.value))}
            />{' '}
            pixels
          </label>
        ) : (
          <select
            aria-label="Format"
            value={format}
            onChange={({ currentTarget }) => setFormat(currentTarget.value)}
          >
            {NEW_FORMATS.map((each) => (
              <option key={each} value={each}>
                {each.toUpperCase()}
              </option>
            ))}
          </select>
        )}
        <button type="submit">Predict</button>
      </form>
      <p class="told" role="status">
        {said}
      </p>
      <p class="hint">
        Minutes as <code>plan</code> predicts them; bytes by what results of the same format have to a pixel
        here.
      </p>
    </section>
  )
}
