import { PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, it } from 'vitest'
import type { Check } from '../../src/app/doctor/check.ts'
import { openEdgeSite } from '../support/edge-site.ts'
import { type Front, freePort, type Serve, startNginx, startServe } from '../support/front.ts'
import { createBucket, openS3Client, s3Endpoint, testS3, useCredentials } from '../support/s3.ts'
import type { Site } from '../support/site.ts'

/** `imgsizes doctor` as a process: on a site that is well, and as a user who may not do everything. */

const SECRET = 'a-secret-of-this-test-and-of-no-manual'

interface Report {
  readonly failed: number
  readonly checks: readonly Check[]
}

const read = async (site: Site, ...args: readonly string[]): Promise<Report & { code: number | null }> => {
  const { code, stdout, stderr } = await site.run('doctor', '--json', ...args)
  if (stdout === '') throw new Error(stderr)
  return { ...(JSON.parse(stdout) as Report), code }
}

const statusOf = ({ checks }: Report): Readonly<Record<string, string>> =>
  Object.fromEntries(checks.map(({ part, name, status }) => [`${part}: ${name}`, status]))

describe('doctor', () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  const openBucketSite = async (acl = 'public-read'): Promise<{ site: Site; bucket: string }> => {
    const bucket = await createBucket('doctor')
    const query = `endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true&acl=${acl}`
    const site = await openEdgeSite(`s3://${bucket}/out?${query}`, {
      secret: SECRET,
      serve: { cors: '*' },
    })
    ends.push(site.remove)
    return { site, bucket }
  }

  const putInFront = async (site: Site): Promise<{ serve: Serve; nginx: Front }> => {
    const serve: Serve = await startServe(site)
    ends.push(serve.stop)
    const port = await freePort()
    const flags = ['--serve', serve.url, '--listen', `127.0.0.1:${port}`, '--cache', `${site.folder}/cache`]
    const nginx: Front = await startNginx((await site.run('origin', 'nginx', ...flags)).stdout, port)
    ends.push(nginx.stop)
    return { serve, nginx }
  }

  it('finds out that nginx cannot read the bucket, though serve answers every view', async () => {
    const { site } = await openBucketSite('private')
    const { serve, nginx } = await putInFront(site)
    const report = await read(site, '--url', `${nginx.url}/pic/`)
    expect([report.code, report.failed]).toEqual([1, 1])
    expect(statusOf(report)).toMatchObject({
      'output: open to visitors': 'warning',
      'base URL: reachable': 'ok',
      'base URL: a hit': 'failed',
    })
    expect(report.checks.find(({ name }) => name === 'a hit')?.advice).toContain('s3:GetObject')
    // Without anything in front that is as it should be.
    const alone = await read(site, '--url', `${serve.url}/pic/`)
    expect([alone.code, statusOf(alone)['base URL: a hit']]).toEqual([0, 'warning'])
  })

  it('finds a whole site well, nginx in front, and leaves nothing behind', async () => {
    const { site } = await openBucketSite()
    const { serve, nginx } = await putInFront(site)
    const before = await site.json('plan')
    const report = await read(site, '--url', `${nginx.url}/pic/`)
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
    expect(report.code).toBe(0)
    const statuses = statusOf(report)
    for (const name of [
      'secret: signing',
      'source: read',
      'output: list (s3:ListBucket)',
      'output: write (s3:PutObject)',
      'output: read (s3:GetObject)',
      'output: delete (s3:DeleteObject)',
      'clock: against the store',
      'base URL: cacheable',
      'base URL: Vary',
      'base URL: .auto',
      'base URL: CORS',
      'output: open to visitors',
      'base URL: a hit',
      'base URL: a miss',
      'base URL: .imgsizes/',
      'machine: libvips',
    ])
      expect([name, statuses[name]]).toEqual([name, 'ok'])
    expect(await site.json('plan')).toEqual(before)

    await serve.stop()
    const down = await read(site, '--url', `${nginx.url}/pic/`)
    expect(down.code).toBe(1)
    expect(down.checks.find(({ name }) => name === 'a miss')).toMatchObject({
      status: 'failed',
      found: '502: imgsizes serve does not answer',
    })
  })

  it.runIf(testS3().stranger)('names each permission that is missing, and no other', async () => {
    const { site, bucket } = await openBucketSite()
    const { stranger } = testS3()
    if (stranger === undefined) return
    const allow = async (...actions: readonly string[]): Promise<void> => {
      const client = openS3Client()
      const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]
      const Principal = { AWS: [`arn:aws:iam:::user/${stranger.accessKeyId}`] }
      const Statement = [{ Effect: 'Allow', Principal, Action: actions, Resource }]
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
      await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
      client.destroy()
    }
    const all = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:PutObjectAcl']
    const outcomes: Record<string, readonly string[]> = {}
    for (const missing of ['none', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket']) {
      await allow(...all.filter((action) => action !== missing))
      const undo = useCredentials(stranger)
      const report = await read(site, '--url', 'http://127.0.0.1:9/')
      undo()
      expect(report.code).toBe(1)
      const failed = report.checks.filter(({ part, status }) => part === 'output' && status === 'failed')
      outcomes[missing] = failed.map(({ name }) => name)
      for (const { advice } of failed) expect(advice).toMatch(/\w{3}/)
    }
    expect(outcomes).toMatchObject({
      none: [],
      's3:PutObject': ['write (s3:PutObject)'],
      's3:DeleteObject': ['delete (s3:DeleteObject)'],
      's3:ListBucket': ['list (s3:ListBucket)'],
    })
  })

  it('says on one screen what to do about a site that is not built', async () => {
    const { site } = await openBucketSite()
    site.write(
      'imgsizes.config.json',
      JSON.stringify({ source: './nowhere', output: './new', secret: SECRET }),
    )
    const { code, stdout } = await site.run('doctor')
    expect(code).toBe(1)
    expect(stdout).toMatch(/failed {2}source: list [\s\S]*nowhere/)
    expect(stdout).toMatch(/review {2}output: list [\s\S]*new does not exist yet/)
    expect(stdout).toMatch(/base URL: reachable .*has no host to check[\s\S]*--url/)
    expect(stdout).toMatch(/to review, 1 failed\n$/)
  })
})
