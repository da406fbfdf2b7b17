import { useState } from 'preact/hooks'
import type { CellTotal, Outlier, Prediction, Setup, Totals } from '../app/studio/protocol.ts'
import { FORMATS, RASTER_FORMATS } from '../core/format.ts'
import { askJson } from './api.ts'
import { colourOf, FormatCell, Section, Table } from './cells.tsx'
import { Select } from './fields.tsx'
import { formatBytes, formatMinutes, formatNumber, formatPercent } from './format-text.ts'
import { toHash } from './route.ts'
import { useAnswer } from './use-answer.ts'
import { useSaid } from './use-said.tsx'
import type { PageProps } from './use-sources.ts'
import { VisitsSection } from './visits.tsx'

/** Sums over all results, unusually large ones, the cost of additions, and what visitors asked for. */
export const TotalsPage = ({ setup, inventory: { sources } }: PageProps) => {
  const { answer: totals, problem } = useAnswer<Totals>('totals', sources)
  if (totals === undefined) return <p class="nothing">{problem ?? 'Reading the pictures …'}</p>
  const { cells } = totals
  const count = (state: 'built' | 'missing' | 'stale' | 'failing'): string =>
    formatNumber(cells.reduce((sum, cell) => sum + cell[state], 0))
  const figures = [
    ['pictures', formatNumber(totals.sources)],
    ['of originals', formatBytes(totals.sourceBytes)],
    ['of results', formatBytes(totals.resultBytes)],
    ['results built', count('built')],
    ['missing', count('missing')],
    ['stale', count('stale')],
    ['failing', count('failing')],
  ] as const
  return (
    <div class="totals">
      <h1>Totals</h1>
      <dl class="figures">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CellsSection setup={setup} cells={cells} />
      <PredictSection setup={setup} />
      <OutliersSection outliers={totals.outliers} />
      <VisitsSection hasLog={setup.hasLog} />
    </div>
  )
}

const BARS = (
  <th key="bars" scope="col" class="bars">
    <span class="unseen">Bytes as a bar</span>
  </th>
)

const CellsSection = ({ setup, cells }: { readonly setup: Setup; readonly cells: readonly CellTotal[] }) => {
  const most = Math.max(1, ...cells.map(({ bytes }) => bytes))
  const whole = cells.reduce((sum, { bytes }) => sum + bytes, 0)
  const order = (cell: CellTotal): number =>
    setup.sizes.findIndex(({ name }) => name === cell.size) * 10 + FORMATS.indexOf(cell.format)
  const sorted = [...cells].sort((a, b) => order(a) - order(b))
  return (
    <Section id="cells" title="Bytes by size and format">
      <Table texts={['Size', 'Format']} numbers={['Results', 'Bytes', 'Share', 'Each', BARS, 'Not built']}>
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
            <td class="n">{missing + stale + failing > 0 && formatNumber(missing + stale + failing)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  )
}

const OutliersSection = ({ outliers }: { readonly outliers: readonly Outlier[] }) => (
  <Section id="outliers" title="Outliers">
    {outliers.length === 0 ? (
      <p class="hint">No result has many more bytes to a pixel than others of its size and format.</p>
    ) : (
      <Table
        caption="Many more bytes to a pixel than is usual for their size and format"
        texts={['Picture', 'Size', 'Format']}
        numbers={['Bytes', 'Times the usual']}
      >
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
      </Table>
    )}
  </Section>
)

const NEW_FORMATS = RASTER_FORMATS.filter((format) => format !== 'gif')

const PredictSection = ({ setup }: { readonly setup: Setup }) => {
  const [kind, setKind] = useState('width')
  const [width, setWidth] = useState(1280)
  const [format, setFormat] = useState<string>(
    NEW_FORMATS.find((each) => !setup.formats.includes(each)) ?? 'avif',
  )
  const [said, attempt] = useSaid()
  const predict = async (): Promise<string> => {
    const asked = kind === 'width' ? { width: String(width), formats: setup.formats } : { format }
    const { results, bytes, minutes } = await askJson<Prediction>('predict', asked)
    return results === 0
      ? 'Every size has that format already.'
      : `${formatNumber(results)} results, about ${formatBytes(bytes)}, and ${formatMinutes(minutes)} on this machine.`
  }
  return (
    <Section id="predict" title="What something new would cost">
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault()
          void attempt(predict)
        }}
      >
        <Select
          label="What is new"
          value={kind}
          options={[
            ['width', 'A width of all pictures'],
            ['format', 'A format of all sizes'],
          ]}
          choose={setKind}
        />
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
          <Select
            label="Format"
            value={format}
            options={NEW_FORMATS.map((each) => [each, each.toUpperCase()])}
            choose={setFormat}
          />
        )}
        <button type="submit">Predict</button>
      </form>
      <p class="told" role="status">
        {said.text}
      </p>
      <p class="hint">
        Minutes as <code>plan</code> predicts them; bytes by what results of the same format have to a pixel
        here.
      </p>
    </Section>
  )
}
