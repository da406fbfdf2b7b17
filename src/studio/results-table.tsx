import type { LookView, PictureView, ResultView } from '../app/studio/protocol.ts'
import type { Format } from '../core/format.ts'
import { Section, StateMark, Table } from './cells.tsx'
import { type ComparedTransform, idOf, resultNameOf } from './comparison.ts'
import { formatBytes, formatScore } from './format-text.ts'

interface ResultsTableProps {
  readonly view: PictureView
  readonly looks: ReadonlyMap<string, LookView>
  readonly shown: ComparedTransform | undefined
  readonly choose: (change: Partial<ComparedTransform>) => void
}

/** Every size and format side by side, with bytes, state and score. */
export const ResultsTable = ({ view, looks, shown, choose }: ResultsTableProps) => {
  const rows = [...new Map(view.results.map((result) => [result.transform, result])).values()]
  const formats = [...new Set(view.results.map(({ format }) => format))]
  return (
    <Section id="results" title="Results" class="card results">
      <Table texts={['Size']} numbers={formats.map((format) => format.toUpperCase())}>
        {rows.map((row) => (
          <tr key={row.transform}>
            <th scope="row">
              {resultNameOf(row)}
              <span class="transform">{row.transform}</span>
            </th>
            {formats.map((format) => (
              <Cell
                key={format}
                result={view.results.find((each) => idOf(each) === idOf({ ...row, format }))}
                look={looks.get(idOf({ ...row, format }))}
                isShown={shown?.transform === row.transform && shown.right === format}
                onChoose={() => choose({ transform: row.transform, right: format })}
              />
            ))}
          </tr>
        ))}
      </Table>
      <Whys results={view.results} />
    </Section>
  )
}

/** What is wrong with those that are not built, each reason once. */
const Whys = ({ results }: { readonly results: readonly ResultView[] }) => {
  const whys = new Set(results.flatMap(({ state, why }) => (why === undefined ? [] : [`${state}: ${why}`])))
  return (
    whys.size > 0 && (
      <ul class="whys">
        {[...whys].map((why) => (
          <li key={why}>{why}</li>
        ))}
      </ul>
    )
  )
}

interface CellProps {
  readonly result: ResultView | undefined
  readonly look: LookView | undefined
  readonly isShown: boolean
  readonly onChoose: () => void
}

const Cell = ({ result, look, isShown, onChoose }: CellProps) => {
  if (result === undefined) return <td class="n">–</td>
  const bytes = result.bytes ?? look?.bytes
  const facts = (
    <>
      <b>{bytes === undefined ? (look?.problem === undefined ? '…' : '–') : formatBytes(bytes)}</b>
      <span class="look">{toLook(result.format, look)}</span>
      {result.state !== 'built' && <StateMark state={result.state} />}
    </>
  )
  return (
    <td class="n" title={result.why}>
      {result.format === 'svg' ? (
        <span class="fact">{facts}</span>
      ) : (
        <button type="button" class="fact" aria-pressed={isShown} onClick={onChoose}>
          {facts}
        </button>
      )}
      {result.why !== undefined && <span class="unseen">{result.why}</span>}
    </td>
  )
}

const toLook = (format: Format, look: LookView | undefined): string => {
  if (look?.problem !== undefined) return look.problem
  if (format === 'svg') return 'vector'
  return look?.score === undefined ? 'look …' : `look ${formatScore(look.score)}`
}
