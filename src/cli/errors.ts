import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { ConfigProblem, formatConfigProblem } from '../config/config-problem.ts'
import { Problem, policyOf, toReference } from '../core/problem.ts'
import { UsageError } from './flags.ts'
import type { Style } from './terminal.ts'

/** 2 for wrong usage or configuration, 1 for everything else. */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof UsageError) return 2
  return error instanceof Problem ? (policyOf(error.code).exit ?? 1) : 1
}

interface ErrorOptions {
  readonly style: Style
  readonly programVersion: string
  /** How many rows of a terminal the faults of a configuration may take; default: all that they need. */
  readonly mostRows?: number
}

/** An error for people; for a bug, with its stack and a request to report it. */
export const formatError = (error: unknown, { style, programVersion, mostRows }: ErrorOptions): string => {
  const mark = style.red('error:')
  if (error instanceof ConfigProblem) return `${mark} ${formatConfigProblem(error, mostRows)}`
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

const formatProblem = ({ code, message, subject, hint }: Problem, mark: string, style: Style): string => {
  const isNamed = subject === undefined || message.includes(subject)
  return [
    `${mark} ${message}`,
    ...(isNamed ? [] : [`  ${subject}`]),
    ...(hint === undefined ? [] : [style.dim(`  ${hint}`)]),
    style.dim(`  More: ${locateInPackage(toReference(code))}`),
  ].join('\n')
}

/** Where a page of this package lies: from the working directory if it is below it, else its whole path. */
const locateInPackage = (page: string): string => {
  const path = join(dirname(createRequire(import.meta.url).resolve('imgsizes/package.json')), page)
  const below = relative(process.cwd(), path)
  return below.startsWith('..') ? path : below
}

/** The stack with its causes, as Node prints an uncaught error. */
const formatStack = (error: Error): string => {
  const own = error.stack ?? error.message
  return error.cause instanceof Error ? `${own}\nCaused by: ${formatStack(error.cause)}` : own
}
