import type { EdgeSite } from '../../src/edge/edge-site.ts'

/** What `toEdgeSite` makes of a configuration with a bucket at AWS. */
export const SITE: EdgeSite = {
  mount: '/img/',
  host: 'img.example.com',
  store: {
    kind: 'bucket',
    origin: new URL('https://pictures.s3.eu-west-1.amazonaws.com'),
    path: '/results/',
  },
  serve: new URL('https://origin.example.com'),
  formats: ['avif', 'webp', 'original'],
  vectors: 'keep',
  cacheControl: 'public, max-age=86400, stale-while-revalidate=604800',
  autoCacheControl: 'private, max-age=86400',
  cors: [],
  timingAllowOrigin: [],
  foreign: [],
  serveTimeoutSeconds: 60,
}
