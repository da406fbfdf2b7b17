import { parseEnv } from 'node:util'
import type { ImgproxyDialectInput } from '../../config/dialects.ts'
import type { ConfigInput } from '../../config/schema.ts'
import type { Migration } from './migration.ts'

/** What imgproxy's environment means. */
export const migrateImgproxy = (text: string): Migration => {
  const variables = new Map(
    Object.entries(parseEnv(text)).flatMap(([name, value]) =>
      name.startsWith('IMGPROXY_') && value !== undefined && value !== ''
        ? [[name.slice(9), value] as const]
        : [],
    ),
  )
  const take = (name: string): string | undefined => {
    const value = variables.get(name)
    variables.delete(name)
    return value
  }
  const notes: string[] = []
  const dialect = readDialect(take)
  const rest = { ...readSources(take, notes), ...readRest(take) }
  for (const name of variables.keys()) notes.push(`IMGPROXY_${name} has no counterpart.`)
  return { config: { ...rest, dialects: [dialect] }, notes }
}

type Take = (name: string) => string | undefined

const isOn = (text: string | undefined): boolean => /^(?:1|t|true)$/i.test(text ?? '')

const toList = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const readDialect = (take: Take): ImgproxyDialectInput => {
  const [key, salt] = [toList(take('KEY')), toList(take('SALT'))]
  const size = Number(take('SIGNATURE_SIZE') ?? 32)
  const prefix = take('PATH_PREFIX')?.replace(/\/?$/, '/')
  const presets = Object.fromEntries(
    toList(take('PRESETS')).map((each) => {
      const at = each.indexOf('=')
      return [each.slice(0, at), each.slice(at + 1)] as const
    }),
  )
  const [onlyPresets, baseUrl, quality] = [
    isOn(take('ONLY_PRESETS')),
    take('BASE_URL'),
    Number(take('QUALITY') ?? 80),
  ]
  const avif = ['AUTO_AVIF', 'ENABLE_AVIF_DETECTION', 'ENFORCE_AVIF'].map((name) => isOn(take(name)))
  const webp = ['AUTO_WEBP', 'ENABLE_WEBP_DETECTION', 'ENFORCE_WEBP'].map((name) => isOn(take(name)))
  const autoFormat = [
    ...(avif.includes(true) ? ['avif' as const] : []),
    ...(webp.includes(true) ? ['webp' as const] : []),
  ]
  return {
    type: 'imgproxy',
    ...(prefix !== undefined && { prefix }),
    ...(key.length > 0 ? { key, salt } : { unsigned: true }),
    ...(size !== 32 && { signatureSize: size }),
    ...(Object.keys(presets).length > 0 && { presets }),
    ...(onlyPresets && { onlyPresets }),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(autoFormat.length > 0 && { autoFormat }),
    quality,
  }
}

const readSources = (take: Take, notes: string[]): Pick<ConfigInput, 'source'> | undefined => {
  const folder = take('LOCAL_FILESYSTEM_ROOT')
  const usesS3 = isOn(take('USE_S3'))
  const [region, endpoint] = [take('S3_REGION'), take('S3_ENDPOINT')]
  const query = new URLSearchParams({ ...(endpoint && { endpoint }), ...(region && { region }) }).toString()
  const allowed = toList(take('ALLOWED_SOURCES')).filter((each) => !each.startsWith('local://'))
  const places = [
    ...(folder === undefined ? [] : [folder]),
    ...allowed.flatMap((each) => {
      if (each.includes('*')) notes.push(`${each} of IMGPROXY_ALLOWED_SOURCES: a source has no wildcard.`)
      else if (each.startsWith('s3://')) return [query === '' ? each : `${each}?${query}`]
      else if (each.startsWith('https://')) return [each]
      else
        notes.push(
          `${each} of IMGPROXY_ALLOWED_SOURCES: originals are read from folders, s3:// and https:// only.`,
        )
      return []
    }),
  ]
  if (usesS3 && !places.some((place) => place.startsWith('s3://')))
    notes.push('IMGPROXY_USE_S3 names no bucket: add s3://bucket/ to source.')
  const [first] = places
  if (first === undefined) {
    notes.push(
      'Where the originals are is not said: set source to the folder, bucket or website that URLs name.',
    )
    return undefined
  }
  if (places.length === 1) return { source: first }
  return { source: Object.fromEntries(places.map((place, index) => [`source${index + 1}`, place])) }
}

/** Limits, caching and the watermark. */
const readRest = (take: Take): Partial<ConfigInput> => {
  const [megapixels, bytes, frames] = [
    take('MAX_SRC_RESOLUTION'),
    take('MAX_SRC_FILE_SIZE'),
    take('MAX_ANIMATION_FRAMES'),
  ]
  const [timeout, ttl, file, opacity] = [
    take('DOWNLOAD_TIMEOUT'),
    take('TTL'),
    take('WATERMARK_PATH'),
    take('WATERMARK_OPACITY'),
  ]
  const limits = {
    ...(Number(megapixels) > 0 && { sourcePixels: Math.round(Number(megapixels) * 1e6) }),
    ...(Number(bytes) > 0 && { sourceBytes: Number(bytes) }),
    ...(Number(frames) > 0 && { frames: Number(frames) }),
    ...(Number(timeout) > 0 && { fetchTimeout: `${Number(timeout)}s` }),
  }
  return {
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Number(ttl) > 0 && { cacheControl: `public, max-age=${Number(ttl)}` }),
    ...(file !== undefined && {
      watermark: { file, ...(Number(opacity) > 0 && { opacity: Number(opacity) }) },
    }),
  }
}
