import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import { describeUnreadable } from '../core/error-code.ts'
import { UsageError } from './flags.ts'

/** Checks all logs before the first one is read: a missing one is wrong usage. `-` is stdin. */
export const checkLogs = async (names: readonly string[]): Promise<void> => {
  if (names.filter((name) => name === STDIN).length > 1)
    throw new UsageError('- is given more than once, but stdin can only be read once')
  for (const name of names) if (name !== STDIN) await checkLog(name)
}

/** The bytes of one log; a read that waits ends when `signal` aborts. */
export const readLog = (name: string, signal: AbortSignal): AsyncIterable<Uint8Array> => {
  const stream: Readable = name === STDIN ? process.stdin : createReadStream(name)
  return addAbortSignal(signal, stream)
}

const STDIN = '-'

const checkLog = async (name: string): Promise<void> => {
  try {
    const file = await open(name)
    const facts = await file.stat().finally(() => file.close())
    if (facts.isDirectory()) throw new UsageError(`${name} is a folder; name the logs in it`)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${name} ${describeUnreadable(error)}`)
  }
}
