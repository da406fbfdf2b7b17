import type { Check } from '../../app/doctor/check.ts'
import { formatCount, wrapText } from '../format-numbers.ts'
import type { Style, Terminal } from '../terminal.ts'

const MARKS = { ok: 'ok', warning: 'review', failed: 'failed', skipped: '-' } as const
const TONES = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const

/** The column of the mark; longer lines continue below it. */
const INDENT = 8

/** One check for people, in lines of the terminal's width. */
export const formatCheck = (
  { part, name, status, found, advice }: Check,
  { style, width }: Pick<Terminal, 'style' | 'width'>,
): string => {
  const title = `${part}: ${name}`
  const [first = '', ...rest] = wrapText(`${title}  ${found}`, width - INDENT)
  const mark = style[TONES[status]](MARKS[status].padEnd(INDENT))
  const hint = advice === undefined ? [] : wrapText(advice, width - INDENT)
  return [
    `${mark}${first.replace(title, `${part}: ${style.bold(name)}`)}`,
    ...[...rest, ...hint.map(style.dim)].map((line) => ' '.repeat(INDENT) + line),
  ].join('\n')
}

/** `15 checks: 13 ok, 1 to review, 0 failed`. */
export const formatCheckCounts = (checks: readonly Check[], style: Style): string => {
  const count = (wanted: Check['status']): number => checks.filter(({ status }) => status === wanted).length
  const failed = count('failed')
  return [
    `\n${formatCount(checks.length, 'check')}: ${count('ok')} ok`,
    `${count('warning')} to review`,
    failed > 0 ? style.red(`${failed} failed`) : `${failed} failed`,
  ].join(', ')
}
