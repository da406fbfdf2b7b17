import { resolve } from 'node:path'
import type * as z from 'zod'
import type { EncoderOptions } from '../core/encoder.ts'
import type { ServeConfig, WritablePlace } from './config.ts'
import { DEFAULT_SERVE_ENCODERS } from './defaults.ts'
import { describePlace, folderOf } from './describe-place.ts'
import type { ConfigDisk } from './disk.ts'
import { mergeEncoders, readEncoders } from './encoders.ts'
import type { Faults } from './faults.ts'
import type { serveSchema } from './serve-schema.ts'

/** What the options of `serve` depend on, and where faults are collected. */
export interface ServeContext {
  /** The folder that the placeholder's path is relative to. */
  readonly root: string
  readonly disk?: ConfigDisk
  /** Undefined where the output is wrong itself. */
  readonly output?: WritablePlace
  /** The top-level encoders, which the encoders of `serve` change. */
  readonly encoders: EncoderOptions
  readonly faults: Faults
}

type Fields = z.output<typeof serveSchema>

/** `serve` of a configuration; times get their unit, and faults are collected. */
export const readServe = (given: Fields, context: ServeContext): ServeConfig => {
  const { placeholder, cache, queue, timeouts, cors = [], timingAllowOrigin = [], ...rest } = given
  return {
    ...rest,
    encoders: readEncoders(given.encoders, {
      under: mergeEncoders(context.encoders, DEFAULT_SERVE_ENCODERS),
      path: 'serve.encoders',
      faults: context.faults,
    }),
    ...readPlaceholder(placeholder, context),
    cors,
    timingAllowOrigin,
    ...readCache(cache, context),
    queue: { length: queue.length, timeoutMs: queue.timeout },
    timeouts: { keepAliveMs: timeouts.keepAlive, headersMs: timeouts.headers, drainMs: timeouts.drain },
  }
}

const readPlaceholder = (
  file: string | undefined,
  { root, disk, faults }: ServeContext,
): Pick<ServeConfig, 'placeholder'> => {
  if (file === undefined) return {}
  const placeholder = resolve(root, file)
  if (disk !== undefined && !disk.isReadableFile(placeholder))
    faults.add({
      path: 'serve.placeholder',
      found: `${placeholder}, which cannot be read`,
      allowed: 'a picture file, its path relative to the configuration',
    })
  return { placeholder }
}

/** Not for buckets: they have lifecycle rules, and may be read without `serve`, so that uses are not seen. */
const readCache = (given: Fields['cache'], { output, faults }: ServeContext): Pick<ServeConfig, 'cache'> => {
  if (given === undefined) return {}
  if (output !== undefined && folderOf(output) === undefined)
    faults.add({
      path: 'serve.cache',
      found: `set for a ${describePlace(output).noun}`,
      allowed: 'only where the output is a folder',
    })
  return { cache: { maxBytes: given.maxBytes, inactiveMs: given.inactive } }
}
