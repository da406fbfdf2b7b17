import { readFileSync } from 'node:fs'

/** The tables of docs/reference/contracts.md, which tests hold the code to. */
const page = readFileSync(new URL('../../docs/reference/contracts.md', import.meta.url), 'utf8')

type Row = readonly [string, string, string]

/** The rows whose cells match, wherever they stand on the page; as many as there must be. */
const rowsOf = (cells: RegExp, count: number): readonly Row[] => {
  const rows = [...page.matchAll(cells)].map(([, a = '', b = '', c = '']): Row => [a, b, c])
  if (rows.length !== count) throw new Error(`contracts.md has ${rows.length} rows of ${cells}, not ${count}`)
  return rows
}

/** A source, a transform without its quality, the result. */
export const CONTRACT_SIZES = rowsOf(/(?<=\| )(\d+×\d+) \| `([^`]+)` \| (\d+×\d+)(?= \|)/g, 14)

/** A source, a transform, the signature under the secret of the table's heading. */
export const CONTRACT_SIGNATURES = rowsOf(/^\| `(.+)\/([^/`]+)` \| `([^`]{16})` \|$/gm, 7)
