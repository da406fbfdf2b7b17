import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { BIN } from '../support/command-line.ts'
import { makeSharedFolder } from '../support/folder.ts'
import {
  type Front,
  freePort,
  readAccessLog,
  type Serve,
  startDebianNginx,
  startNginx,
  startServe,
} from '../support/front.ts'
import { openS3Client, s3Endpoint, testS3 } from '../support/s3.ts'

/**
 * The guide from nothing to a bucket and a CDN, followed: Ceph in the place of AWS, nginx in that of the CDN, and a real browser that
 * looks at the page twice. The user of the commands may do what the page's policy says, and nothing else.
 */

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/guides/bucket-and-cdn.md'), 'utf8')
const SAMPLES = resolve(import.meta.dirname, '../samples/photos')
const BUCKET = 'my-site-img'

const blocksOf = (kind: string): readonly string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

const readJson = (kind: string) => JSON.parse(blocksOf(`json ${kind}`)[0] ?? '')

// A server that is not ours may have a bucket of that name, and has no second user.
describe.runIf(testS3().stranger)('the walk-through', () => {
  const folder = makeSharedFolder()
  const ends: (() => unknown)[] = []
  const ports = { nginx: 0, serve: 0 }
  let env: NodeJS.ProcessEnv = {}
  let page = ''
  let browser: Browser
  let nginx: Pick<Front, 'folder' | 'stop'>
  let serve: Serve
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })

  beforeAll(async () => {
    // Built of the samples as they are, with the encoders of a new configuration, this takes ten times as long.
    for (const name of ['landscape/dunes.jpg', 'avatars/ada.jpg']) {
      mkdirSync(dirname(join(folder, 'photos', name)), { recursive: true })
      await sharp(join(SAMPLES, name))
        .resize(350)
        .toFile(join(folder, 'photos', name))
    }
    mkdirSync(join(folder, '.bin'))
    writeFileSync(join(folder, '.bin/npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${BIN}" "$@"\n`)
    chmodSync(join(folder, '.bin/npx'), 0o755)
    const { stranger } = testS3()
    env = {
      ...process.env,
      PATH: `${join(folder, '.bin')}:${process.env.PATH}`,
      NO_COLOR: '1',
      AWS_ENDPOINT_URL_S3: s3Endpoint(),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: stranger?.accessKeyId,
      AWS_SECRET_ACCESS_KEY: stranger?.secretAccessKey,
    }
    ports.nginx = await freePort()
    ports.serve = await freePort()
  })

  /** A block as it stands; only the ports are those of this run. */
  const run = (block: string): string => {
    const script = block.replaceAll('8080', String(ports.nginx)).replaceAll('3000', String(ports.serve))
    const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', script], {
      cwd: folder,
      env,
      encoding: 'utf8',
    })
    expect(status, `${script}\n${stdout}${stderr}`).toBe(0)
    return stdout
  }

  const blocks = blocksOf('sh')
  const next = (): string => {
    const block = blocks[done++]
    if (block === undefined) throw new Error('the page has fewer blocks')
    return run(block)
  }
  let done = 0

  it('1. makes the bucket, with the policies of the page', async () => {
    const client = openS3Client()
    ends.push(() => client.destroy())
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
    const deployer = { AWS: [`arn:aws:iam:::user/${testS3().stranger?.accessKeyId}`] }
    // Ceph has no policies of users: what the user may do stands in the bucket's.
    const ofDeployer = (readJson('deployer').Statement as readonly object[]).map((statement) => ({
      ...statement,
      Principal: deployer,
    }))
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [...readJson('public').Statement, ...ofDeployer],
    })
    await client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }))
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: BUCKET,
        LifecycleConfiguration: readJson('lifecycle'),
      }),
    )
    await client.send(new PutBucketCorsCommand({ Bucket: BUCKET, CORSConfiguration: readJson('cors') }))
  })

  it('2. configures and builds', () => {
    expect(next()).toMatch(/\b42\b/)
    expect(readFileSync(join(folder, 'imgsizes.config.ts'), 'utf8')).toContain(
      "baseUrl: 'http://img.example.com/'",
    )
  })

  it('3. writes a page', async () => {
    next()
    const server: Server = createServer((_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(readFileSync(join(folder, 'site/index.html'))),
    )
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    ends.push(() => server.close())
    page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })

  it('4. puts nginx in front, and serve behind', async () => {
    next()
    const debian = await startDebianNginx()
    if (debian === undefined) {
      const config = readFileSync(join(folder, 'imgsizes.conf'), 'utf8')
      nginx = await startNginx(config.replace('/var/cache/imgsizes', `${folder}/cache`), ports.nginx)
    } else {
      nginx = debian
      writeFileSync(join(folder, '.bin/sudo'), debian.sudo, { mode: 0o755 })
      const [install = ''] = PAGE.match(/(?<=^\$ )sudo cp imgsizes\.conf .*$/m) ?? []
      expect(install).toContain('nginx -s reload')
      run(install)
    }
    ends.push(() => nginx.stop())
    await expect
      .poll(() =>
        fetch(`http://127.0.0.1:${ports.nginx}/`).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const start = (...args: readonly string[]) =>
      spawn(process.execPath, [BIN, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    serve = await startServe({ start }, '--port', String(ports.serve))
    ends.push(() => serve.stop())
    browser = await openBrowser(`--host-resolver-rules=MAP img.example.com:80 127.0.0.1:${ports.nginx}`)
    ends.push(() => browser.close())
  })

  it('5. is found well by doctor', () => {
    const told = next()
    expect(told).toMatch(/ 0 failed\n$/)
    expect(told).toMatch(/ok {6}base URL: a miss {2}reaches serve/)
  })

  /** The pictures that a fresh browser shows, and what nginx logged of them. */
  const view = async (): Promise<{ shown: number; broken: number; log: readonly string[] }> => {
    const before = readAccessLog(nginx).length
    const context = await browser.newContext({ viewport: { width: 800, height: 600 } })
    const tab = await context.newPage()
    await tab.goto(page, { waitUntil: 'networkidle' })
    // Those further down are loaded when they come near.
    await tab.evaluate('scrollTo(0, document.body.scrollHeight)')
    await tab.waitForLoadState('networkidle')
    const widths = await tab.evaluate<number[]>('[...document.images].map((image) => image.naturalWidth)')
    await context.close()
    const log = readAccessLog(nginx).slice(before)
    return { shown: widths.length, broken: widths.filter((width) => width === 0).length, log }
  }

  const cacheOf = (log: readonly string[]): readonly string[] =>
    log
      .filter((line) => line.includes('.avif'))
      .map((line) => line.replace(/^(\d+) .*cache=(\S+) .*$/, '$1 $2'))

  it('6. shows it: first from the bucket, then from nginx, and never from serve', async () => {
    const before = (await serve.asked()).length
    const first = await view()
    expect([first.shown, first.broken]).toEqual([2, 0])
    expect(cacheOf(first.log)).toEqual(['200 MISS', '200 MISS'])
    expect(cacheOf((await view()).log)).toEqual(['200 HIT', '200 HIT'])
    expect((await serve.asked()).length).toBe(before)
  })

  it('7. makes a new picture once, and builds it well later', async () => {
    next()
    const before = (await serve.asked()).length
    const first = await view()
    expect([first.shown, first.broken]).toEqual([3, 0])
    const asked = (await serve.asked()).slice(before)
    expect(asked).toEqual([expect.stringMatching(/^\/new\.jpg\/.*\.avif$/)])
    expect(cacheOf((await view()).log)).toEqual(['200 HIT', '200 HIT', '200 HIT'])
    expect((await serve.asked()).length).toBe(before + 1)
    await serve.stop()
    expect((await view()).broken).toBe(0)
    next()
    expect(readFileSync(join(folder, 'changed-urls.txt'), 'utf8')).toContain(
      'http://img.example.com/new.jpg/',
    )
    expect(done).toBe(blocks.length)
  })
})
