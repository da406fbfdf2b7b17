import { ConfigProblem, formatConfigProblem } from '../config/config-problem.ts'
import { Problem } from '../core/problem.ts'
import type { Style } from './style.ts'
import { UsageError } from './usage-error.ts'

/** Problems that are somebody's to correct before a command can mean anything: exit code 2. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'config-not-found',
  'config-failed',
  'config-invalid',
  'config-secret-missing',
  'pattern-invalid',
  'plan-damaged',
  'images-invalid',
  'option-invalid',
])

/** 2 for wrong usage or configuration, 1 for everything else. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof UsageError || (error instanceof Problem && USAGE_CODES.has(error.code)) ? 2 : 1

interface ErrorOptions {
  readonly style: Style
  readonly programVersion: string
  /** Somebody sits before it who has asked for no more. */
  readonly isOneScreen?: boolean
}

/** An error for people; a bug with its stack and the wish to hear of it. */
export const formatError = (
  error: unknown,
  { style, programVersion, isOneScreen = false }: ErrorOptions,
): string => {
  const mark = style.red('error:')
  if (error instanceof ConfigProblem) return `${mark} ${formatConfigProblem(error, { isOneScreen })}`
  if (error instanceof UsageError)
    return `${mark} ${error.message}\n${style.dim('  `imgsizes --help` and `imgsizes <command> --help` list what there is.')}`
  if (error instanceof Problem) return formatProblem(error, mark, style)
  const stack = error instanceof Error ? formatStack(error) : String(error)
  return [
    `${style.red('bug:')} ${stack}`,
    `imgsizes ${programVersion}, Node ${process.version}, ${process.platform} ${process.arch}`,
    'This is a mistake in imgsizes, not in what you did. Please report it with the lines above.',
  ].join('\n')
}

const formatProblem = (problem: Problem, mark: string, style: Style): string => {
  const { message, subject, hint } = problem
  const isNamed = subject === undefined || message.includes(subject)
  return [
    `${mark} ${message}`,
    ...(isNamed ? [] : [`  ${subject}`]),
    ...(hint === undefined ? [] : [style.dim(`  ${hint}`)]),
  ].join('\n')
}

/** With what caused it, as Node prints an error that nobody caught. */
const formatStack = (error: Error): string => {
  const own = error.stack ?? error.message
  return error.cause instanceof Error ? `${own}\nCaused by: ${formatStack(error.cause)}` : own
}
