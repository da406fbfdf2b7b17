import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { AnswerEvent } from '../app/origin/event.ts'
import type { ServeLogConfig } from '../config/config.ts'
import { escapeControls } from '../core/escape-controls.ts'
import { Problem } from '../core/problem.ts'
import { systemClock } from '../waiting/system-clock.ts'
import type { ServeRunOptions } from '../wire/long-run-options.ts'
import type { RequestReport } from './http-message.ts'

/** What is logged, how, and where to. */
export interface LogOptions extends ServeLogConfig {
  /** Whether each line is a JSON object; otherwise lines are for people. */
  readonly json: boolean
  readonly random: () => number
  /** Takes the lines; default: stderr. */
  readonly write?: (line: string) => void
}

/** The log of a command that runs long. */
export const toLogOptions = (
  options: Pick<ServeRunOptions, 'config' | 'verbose' | 'quiet' | 'json'>,
): LogOptions => {
  const { config, verbose, quiet, json } = options
  const level = quiet ? 'error' : verbose ? 'debug' : config.serve.log.level
  return { ...config.serve.log, level, json, random: systemClock.random }
}

/** An event; a problem or an error in it is logged by its code and reason. */
interface LoggedEvent {
  readonly kind: string
  readonly problem?: Problem | undefined
  readonly error?: unknown
  readonly undrawn?: readonly string[]
}

/** What is known of a request when it is over. */
export interface RequestFacts extends Omit<RequestReport, 'error'> {
  readonly method: string
  /** The path as it arrived, without the query, which may contain secrets. */
  readonly path: string
  readonly ip: string
  readonly error?: unknown
}

/** One line for each request, and for each error behind it. */
export type Log = ReturnType<typeof openLog>

/** Lines that nobody has read yet may take so much memory; more are lost, and counted. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024
/** How long the end waits for somebody to read the last lines. */
const FLUSH_MS = 2_000

/** Opens a log; lines to stderr are buffered. */
export const openLog = (options: LogOptions) => {
  const { level, sample, json, random } = options
  let waitsUntil = Number.POSITIVE_INFINITY
  const stderr =
    options.write === undefined
      ? destination({
          fd: 2,
          sync: false,
          maxLength: MOST_UNREAD_BYTES,
          retryEAGAIN: () => systemClock.now() < waitsUntil,
        })
      : undefined
  stderr?.on('error', () => {}) // nobody reads it any more: pictures are served all the same
  const target: DestinationStream = stderr ?? { write: options.write ?? (() => {}) }
  const sink = { write: (line: string) => void target.write(escapeControls(json ? line : toPlainLine(line))) }
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, errorKey: 'error' },
    sink,
  )
  let lost = 0
  stderr?.on('drop', () => lost++)
  stderr?.on('drain', () => {
    if (lost > 0) logger.error({ lines: lost, hint: 'Whoever reads this log is too slow.' }, 'log lines lost')
    lost = 0
  })
  const tell = (level: LogOptions['level'], { kind, ...facts }: LoggedEvent): void =>
    logger[level](toFields(facts), kind)
  return {
    request: (facts: RequestFacts): void => logRequest(logger, facts, sample, random),
    event: (event: AnswerEvent): void => tell(levelOf(event), event),
    tell,
    debug: (message: string, more: Readonly<Record<string, unknown>> = {}): void =>
      logger.debug(more, message),
    info: (message: string, more: Readonly<Record<string, unknown>> = {}): void => logger.info(more, message),
    warn: (message: string, more: Readonly<Record<string, unknown>> = {}): void => logger.warn(more, message),
    error: (message: string, error: unknown, more: Readonly<Record<string, unknown>> = {}): void =>
      logger.error({ ...more, ...describeError(error) }, message),
    /** Writes what is left; what nobody reads within seconds is lost. */
    flush: (): void => {
      waitsUntil = systemClock.now() + FLUSH_MS
      try {
        stderr?.flushSync()
      } catch {
        // It was never opened, is closed, or is not read: nobody can be told.
      }
    },
  }
}

const logRequest = (logger: Logger, facts: RequestFacts, sample: number, random: () => number): void => {
  const { error, ...plain } = facts
  if (facts.outcome === 'bug') logger.error({ ...plain, ...describeError(error) }, 'request')
  else if (facts.status >= 500) logger.warn(plain, 'request')
  else if (random() < sample) logger.info(plain, 'request')
}

/** Each event is logged at its level, with all that it tells. */
const LEVELS: Readonly<Record<AnswerEvent['kind'], LogOptions['level']>> = {
  'looked-up': 'debug',
  fetched: 'debug',
  waited: 'debug',
  rendered: 'debug',
  stored: 'debug',
  'alias-stored': 'debug',
  evicted: 'debug',
  'lookup-failed': 'warn',
  'fetch-failed': 'warn',
  'render-failed': 'warn',
  'store-retried': 'warn',
  'record-failed': 'warn',
  'store-failed': 'error',
  'probe-failed': 'error',
  bug: 'error',
}

const levelOf = (event: AnswerEvent): LogOptions['level'] =>
  event.kind === 'rendered' && (event.damage ?? event.undrawn) !== undefined ? 'warn' : LEVELS[event.kind]

const toFields = ({ problem, error = problem, undrawn, ...facts }: Omit<LoggedEvent, 'kind'>) => ({
  ...facts,
  ...(undrawn && { undrawn: undrawn.join('; ') }),
  ...(error !== undefined && describeError(error)),
})

/** The fields of an error: code, reason and hint of a Problem; reason and stack of a bug. */
const describeError = (error: unknown): Readonly<Record<string, unknown>> => {
  if (error instanceof Problem) return { code: error.code, reason: error.message, hint: error.hint }
  return error instanceof Error ? { reason: error.message, stack: error.stack } : { reason: String(error) }
}

/** `12:00:00.000 info  request method=GET path=/a status=200`; a stack follows on the next lines. */
const toPlainLine = (line: string): string => {
  const { level, time, msg, stack, ...facts } = JSON.parse(line)
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${toPlainValue(value)}`)
  const head = [String(time).slice(11, 23), pino.levels.labels[level]?.padEnd(5), msg, ...pairs].join(' ')
  return stack === undefined ? `${head}\n` : `${head}\n${stack}\n`
}

const toPlainValue = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[\s"]/.test(text) ? JSON.stringify(text) : text
}
