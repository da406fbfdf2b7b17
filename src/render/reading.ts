import { Problem } from '../core/problem.ts'
import { findStrictest, isOfLostPixels, mend, type Reading, readAnything } from './mend.ts'
import type { RenderLimits } from './port.ts'
import { imageCorrupt } from './unreadable.ts'

/** A reading that receives libvips's warnings, which may come at any time until it is done. */
export interface WatchedReading extends Reading {
  readonly onWarning: (words: string) => void
}

/** The result of reading a picture. */
export interface ReadOutcome<T> {
  readonly value: T
  /** What is wrong with the picture, where only a part of it could be read and that is wanted. */
  readonly damage?: string
}

/**
 * Reads a picture strictly; if that fails, in ways that lose nothing; and if something is lost, with `damaged: 'show'`,
 * as much as possible. Rejects with the Problem of the first attempt.
 */
export const readWhatCanBe = async <T>(
  bytes: Uint8Array,
  damaged: RenderLimits['damaged'],
  read: (reading: WatchedReading) => Promise<T>,
): Promise<ReadOutcome<T>> => {
  let problem: Problem | undefined
  let reading: Reading | undefined = { bytes, failOn: findStrictest(bytes) }
  while (reading !== undefined) {
    try {
      return { value: await readWatched(reading, read) }
    } catch (error) {
      if (!isDamage(error)) throw error
      problem ??= error
      reading = await mend(reading, toWords(error))
    }
  }
  if (problem === undefined) throw new Error('nothing was read, and nothing failed')
  if (damaged !== 'show') throw problem
  try {
    return {
      value: await read({ ...(await readAnything(bytes)), onWarning: () => {} }),
      damage: problem.message,
    }
  } catch (error) {
    throw isDamage(error) ? problem : error
  }
}

/** Warnings of libvips are known only after everything is read: it checks for them between strips of a picture. */
const readWatched = async <T>(
  reading: Reading,
  read: (reading: WatchedReading) => Promise<T>,
): Promise<T> => {
  let loss: string | undefined
  const value = await read({
    ...reading,
    onWarning: (words) => (loss ??= words.split('\n').find(isOfLostPixels)),
  })
  if (loss !== undefined) throw imageCorrupt(new Error(loss))
  return value
}

const isDamage = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === 'image-corrupt'

const toWords = ({ cause }: Problem): string => (cause instanceof Error ? cause.message : '')
