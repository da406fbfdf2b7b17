import type { Visits } from '../app/studio/protocol.ts'
import { FormatCell, NumberHead } from './cells.tsx'
import { formatBytes, formatNumber, formatPercent } from './format-text.ts'
import { useAnswer } from './use-answer.ts'

/** Compares what visitors asked for, by a log, with what is built. */
export const VisitsSection = () => {
  const { answer: visits, problem } = useAnswer<Visits>('visits')
  return (
    <section class="card" aria-labelledby="visits">
      <h2 id="visits">What visitors asked for</h2>
      {visits === undefined ? (
        <p class="hint" role="status">
          {problem ?? 'Reading the log …'}
        </p>
      ) : (
        <Told visits={visits} />
      )}
    </section>
  )
}

const Told = ({ visits: { log, lines, refused, totals, due, unasked } }: { readonly visits: Visits }) => {
  const hits = totals.reduce((sum, total) => sum + total.hits, 0)
  const built = totals.reduce((sum, total) => sum + total.builtHits, 0)
  return (
    <>
      <p class="hint">
        {log}: {formatNumber(lines)} lines, {formatNumber(hits)} requests of pictures,{' '}
        {formatPercent(built, hits)} of them built
        {refused > 0 ? `; ${formatNumber(refused)} for what may not be made` : ''}.
      </p>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Size</th>
              <th scope="col">Format</th>
              <NumberHead>Requests</NumberHead>
              <NumberHead>Share</NumberHead>
              <NumberHead>Built</NumberHead>
            </tr>
          </thead>
          <tbody>
            {totals.map((total) => (
              <tr key={`${total.size} ${total.format}`}>
                <th scope="row">{total.size ?? 'no size: made on demand'}</th>
                <FormatCell format={total.format} />
                <td class="n">{formatNumber(total.hits)}</td>
                <td class="n">{formatPercent(total.hits, hits)}</td>
                <td class="n">{formatPercent(total.builtHits, total.hits)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {due.length === 0 ? undefined : (
        <details>
          <summary>Asked for most, and not there</summary>
          <ol class="due">
            {due.map(({ key, hits: times }) => (
              <li key={key}>
                <i>{formatNumber(times)}</i> <code>{key}</code>
              </li>
            ))}
          </ol>
        </details>
      )}
      {unasked.length === 0 ? undefined : (
        <p class="hint">
          Built, and asked for by nobody:{' '}
          {unasked
            .map(({ size, format, bytes }) => `${size} ${format.toUpperCase()} (${formatBytes(bytes)})`)
            .join(', ')}
          .
        </p>
      )}
    </>
  )
}
