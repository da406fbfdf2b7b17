import type { Permissions } from '../../app/doctor/store-checks.ts'
import type { Place } from '../../config/config.ts'
import { unreachable } from '../../core/unreachable.ts'

interface PlaceAdvice {
  /** The permissions that messages name; undefined where the kind has no names for them. */
  readonly permissions: Permissions | undefined
  /** A URL whose every answer, even a refusal, contains the time of the place; undefined where there is none. */
  readonly clockUrl: string | undefined
  /** How to let a server in front read results there. */
  readonly opening: string
}

/** What `doctor` knows of a place by its kind. */
export const adviceOf = (place: Place): PlaceAdvice => {
  switch (place.kind) {
    case 'folder':
      return {
        permissions: undefined,
        clockUrl: undefined,
        opening:
          'Have the server in front look into the output folder first; `imgsizes origin nginx|caddy` prints how, and its user must be allowed to read it.',
      }
    case 's3': {
      const { AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: ofAll } = process.env
      return {
        permissions: {
          list: 's3:ListBucket',
          write: 's3:PutObject',
          create: 'If-None-Match',
          read: 's3:GetObject',
          copy: 's3:GetObject, s3:PutObject',
          delete: 's3:DeleteObject',
        },
        clockUrl: place.settings.endpoint ?? ofS3 ?? ofAll ?? 'https://s3.amazonaws.com/',
        opening: `For nginx, Caddy or Cloudflare in front allow everybody s3:GetObject on arn:aws:s3:::${place.bucket}/${place.prefix}*; docs/guides/bucket-and-cdn.md has the policy.`,
      }
    }
    case 'https':
      return { permissions: undefined, clockUrl: undefined, opening: 'It is read over HTTPS already.' }
    default:
      return unreachable(place)
  }
}
