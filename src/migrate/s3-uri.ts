const REGION = String.raw`([a-z]{2}(?:-[a-z]+)+-\d)`
const HOSTED = new RegExp(`^(.+)\\.s3(?:[.-](?:dualstack\\.)?${REGION})?\\.amazonaws\\.com$`)
const BY_PATH = new RegExp(`^s3(?:[.-](?:dualstack\\.)?${REGION})?\\.amazonaws\\.com$`)
const WEBSITE = new RegExp(`^(.+)\\.s3-website[.-]${REGION}\\.amazonaws\\.com$`)

/** The `s3://` URI of what stands under a URL of AWS; undefined where it is no bucket's. */
export const toS3Uri = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { hostname, pathname } = new URL(text)
  const path = safeDecode(pathname)
  if (path === undefined) return undefined
  const [, bucket, region] = HOSTED.exec(hostname) ?? WEBSITE.exec(hostname) ?? []
  if (bucket !== undefined) return formatUri(`${bucket}${path}`, region)
  const byPath = BY_PATH.exec(hostname)
  if (byPath === null || path.split('/')[1] === '') return undefined
  return formatUri(path.slice(1), byPath[1])
}

const formatUri = (place: string, region: string | undefined): string =>
  `s3://${place.replace(/\/$/, '')}${region === undefined ? '' : `?region=${region}`}`

const safeDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a broken escape: no key has such a prefix
  }
}
