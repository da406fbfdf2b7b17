import type { ResultExample } from '../app/batch/build-tally.ts'
import type { Config } from '../config/config.ts'
import { describePlace, folderOf } from '../config/describe-place.ts'
import { formatUrl } from '../url/path.ts'
import { formatTable } from './format-numbers.ts'
import { formatFolder } from './known-sources.ts'
import { quoteWord } from './shell.ts'
import type { Style } from './terminal-style.ts'

interface WhereOptions {
  readonly config: Pick<Config, 'output' | 'baseUrl'>
  readonly cwd: string
  readonly style: Style
}

/** Where results are, the URL of one, and what can be done with them. */
export const formatWhere = (
  { source, key }: ResultExample,
  { config: { output, baseUrl }, cwd, style }: WhereOptions,
): readonly string[] => {
  const commands = formatTable(
    [
      [`imgsizes url ${quoteWord(source)} --html`, 'its <picture>'],
      ['imgsizes html <folder>', 'built pages, each <img> made a <picture>'],
    ],
    ['left', 'left'],
  )
  const rows = [
    ['files', `${formatPlace(output, cwd)}: ${formatShown(output, { baseUrl, cwd })}`],
    ['URL', formatUrl(baseUrl, key)],
    ...commands.map((command, index) => [index === 0 ? 'next' : '', command]),
  ]
  return rows.map(([head = '', text = '']) => `${style.dim(head.padEnd(5))}  ${text}`)
}

const formatPlace = (output: Config['output'], cwd: string): string => {
  const { folder, uri } = describePlace(output)
  return folder === undefined ? uri : formatFolder(folder, cwd)
}

/** `shown under /img/ where public is the site's root`: true where the folder's path ends with that of the URLs. */
const formatShown = (
  output: Config['output'],
  { baseUrl, cwd }: { readonly baseUrl: string; readonly cwd: string },
): string => {
  const path = decodeURI(URL.canParse(baseUrl) ? new URL(baseUrl).pathname : baseUrl).replace(/\/$/, '')
  const folder = folderOf(output)?.replaceAll('\\', '/') ?? ''
  if (path === '' || !folder.endsWith(path)) return `to be shown under ${baseUrl}`
  const root = formatFolder(folder.slice(0, -path.length) || '/', cwd)
  return `shown under ${baseUrl} where ${root === '.' ? 'this folder' : root} is the site's root`
}
