import type { OptionRow } from './options.ts'

/**
 * docs/reference/configuration.md with its tables made again: each stands below `<!-- options: <path> -->`. Throws where
 * an option is in none.
 */
export const formatConfiguration = (page: string, rows: readonly OptionRow[]): string => {
  const shown = rows.filter(({ path }) => !SAID_ELSEWHERE.test(path))
  const told = new Set<OptionRow>()
  const text = page.replace(TABLE, (_, marker: string, table: string) => {
    const own = shown.filter((row) => isIn(table, row))
    for (const row of own) told.add(row)
    return `${marker}${HEAD}${own.map((row) => formatRow(row, table)).join('')}`
  })
  const untold = shown.filter((row) => !told.has(row) && !isGroup(row)).map(({ path }) => path)
  if (untold.length > 0) throw new Error(`no table shows ${untold.join(', ')}`)
  return text
}

const TABLE = /(<!-- options: (\S+) -->\n\n)(?:\|.*\n)*/g
const HEAD = '| option | default | meaning |\n|---|---|---|\n'

/** Options whose fields are those of another, or are told in its own meaning. */
const SAID_ELSEWHERE = /^serve\.encoders\.|^source\.\*\.|^secret\.|\.(?:position|pad)\./

/** The top level shows no inner options; the others show fields in place of the group that they belong to. */
const isIn = (table: string, row: OptionRow): boolean =>
  table === '.' ? !row.path.includes('.') : row.path.startsWith(`${table}.`) && !isGroup(row)

const isGroup = ({ text }: OptionRow): boolean => text.endsWith('Default: as below.')

const formatRow = ({ path, text, see }: OptionRow, table: string): string => {
  const name = /^(?:sizes|dialects)\b/.test(table) ? path.slice(table.length + 1) : path
  const [, meaning = text, given = '–'] = /^(.*?)\s*Default:? (.*)\.$/.exec(text) ?? []
  const cells = [`\`${name}\``, given, see === undefined ? meaning : `${meaning} See ${toLink(see)}.`]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}

/** `Title, docs/guides/page.md#part` as a link from docs/reference/configuration.md. */
const toLink = (see: string): string => {
  const [, title = '', page = '', part = ''] = /^(.*?) ?, docs\/([^#]*)(#.*)?$/.exec(see) ?? []
  return `[${title}](${page === 'reference/configuration.md' ? '' : `../${page}`}${part})`
}
