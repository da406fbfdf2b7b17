import { resolve } from 'node:path'
import type * as z from 'zod'
import type { EncoderOptions } from '../core/encoder.ts'
import type { ServeConfig, WritablePlace } from './config.ts'
import * as defaults from './defaults.ts'
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

/** `serve` of a configuration, with defaults; faults are collected. */
export const readServe = (given: Fields = {}, context: ServeContext): ServeConfig => {
  const { encoders } = context
  const base = defaults.DEFAULT_SERVE
  return {
    allow: given.allow ?? base.allow,
    expiring: given.expiring ?? base.expiring,
    fill: given.fill ?? base.fill,
    encoders: readEncoders(given.encoders, {
      under: mergeEncoders(encoders, defaults.DEFAULT_SERVE_ENCODERS),
      path: 'serve.encoders',
      faults: context.faults,
    }),
    ...readPlaceholder(given.placeholder, context),
    cors: given.cors ?? base.cors,
    timingAllowOrigin: given.timingAllowOrigin ?? base.timingAllowOrigin,
    autoCacheControl: given.autoCacheControl ?? base.autoCacheControl,
    ...readCache(given.cache, context),
    log: { level: given.log?.level ?? base.log.level, sample: given.log?.sample ?? base.log.sample },
    queue: {
      length: given.queue?.length ?? base.queue.length,
      timeoutMs: given.queue?.timeout ?? base.queue.timeoutMs,
    },
    trustProxy: given.trustProxy ?? base.trustProxy,
    timeouts: {
      keepAliveMs: given.timeouts?.keepAlive ?? base.timeouts.keepAliveMs,
      headersMs: given.timeouts?.headers ?? base.timeouts.headersMs,
      drainMs: given.timeouts?.drain ?? base.timeouts.drainMs,
    },
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
  return {
    cache: { maxBytes: given.maxBytes, inactiveMs: given.inactive ?? defaults.DEFAULT_CACHE_INACTIVE_MS },
  }
}
