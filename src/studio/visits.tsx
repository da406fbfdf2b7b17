import type { Visits } from '../app/studio/protocol.ts'
import { FormatCell, Section, Table } from './cells.tsx'
import { formatBytes, formatNumber, formatPercent } from './format-text.ts'
import { useAnswer } from './use-answer.ts'

/** Compares what visitors asked for, by a log, with what is built. */
export const VisitsSection = ({ hasLog }: { readonly hasLog: boolean }) => (
  <Section id="visits" title="What visitors asked for">
    {hasLog ? (
      <Told />
    ) : (
      <p class="hint">
        Start it as <code>imgsizes studio --log access.log</code> to see what visitors asked for beside what
        is built.
      </p>
    )}
  </Section>
)

const Told = () => {
  const { answer: visits, problem } = useAnswer<Visits>('visits')
  if (visits === undefined)
    return (
      <p class="hint" role="status">
        {problem ?? 'Reading the log …'}
      </p>
    )
  const { log, lines, refused, totals, due, unasked } = visits
  const hits = totals.reduce((sum, total) => sum + total.hits, 0)
  const built = totals.reduce((sum, total) => sum + total.builtHits, 0)
  return (
    <>
      <p class="hint">
        {log}: {formatNumber(lines)} lines, {formatNumber(hits)} requests of pictures,{' '}
        {formatPercent(built, hits)} of them built
        {refused > 0 ? `; ${formatNumber(refused)} for what may not be made` : ''}.
      </p>
      <Table texts={['Size', 'Format']} numbers={['Requests', 'Share', 'Built']}>
        {totals.map((total) => (
          <tr key={`${total.size} ${total.format}`}>
            <th scope="row">{total.size ?? 'no size: made on demand'}</th>
            <FormatCell format={total.format} />
            <td class="n">{formatNumber(total.hits)}</td>
            <td class="n">{formatPercent(total.hits, hits)}</td>
            <td class="n">{formatPercent(total.builtHits, total.hits)}</td>
          </tr>
        ))}
      </Table>
      {due.length > 0 && (
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
      {unasked.length > 0 && (
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
