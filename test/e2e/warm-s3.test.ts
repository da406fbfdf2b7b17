import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeProject, run, writePicture } from '../cli/support.ts'
import { createBucket, s3Endpoint, testS3 } from '../support/s3.ts'

const s3Line = (bucket: string, target: string): string =>
  `79a59df900b949e55d96a1e698fbaced ${bucket} [06/Feb/2025:00:00:38 +0000] 192.0.2.3 - 3E57427F33A59F07 REST.GET.OBJECT x.jpg "GET ${target} HTTP/1.1" 404 NoSuchKey 113 - 7 - "-" "Mozilla/5.0" - s9lz= - - - ${bucket}.s3.amazonaws.com TLSv1.3 - -\n`

it('warms a bucket from its own log, whatever version was asked for', async () => {
  const bucket = await createBucket('warm')
  const { accessKeyId, secretAccessKey } = testS3().owner
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const output = `s3://${bucket}/web/?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`
  const cwd = await makeProject(['a.jpg'], { output, versions: true, baseUrl: 'https://img.example.com/i/' })
  const pathOf = async (transform: string): Promise<string> => {
    const printed = await run(['url', 'a.jpg', '--transform', transform, '--json'], { cwd, env })
    const [{ key }] = JSON.parse(printed.stdout)
    return `/web/${key}`
  }
  const asked = [await pathOf('16w.q80.v-0123456789'), await pathOf('24w.q80.v-aaaaaaaaaa')]
  const stdin = asked.flatMap((path) => [s3Line(bucket, path), s3Line(bucket, `/${bucket}${path}`)]).join('')
  const warm = async () => JSON.parse((await run(['warm', '-', '--json'], { cwd, env, stdin })).stdout)
  const plan = async () => JSON.parse((await run(['plan', '--json'], { cwd, env })).stdout)

  expect(await warm()).toMatchObject({ urls: 4, refused: 0, rendered: 2, failed: 0 })
  // One of the two is a size's, in one of its four results.
  expect(await plan()).toMatchObject({ present: 1, missing: 3, stale: 0, extra: 1, orphans: 0, drop: 0 })
  expect(await warm()).toMatchObject({ rendered: 0, present: 2 })
  await writePicture(join(cwd, 'photos/a.jpg'))
  expect(await warm()).toMatchObject({ rendered: 2, present: 0, failed: 0 })
})
