import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { openS3Store } from '../../src/store/s3.ts'
import { describeStore } from '../store/contract.ts'
import { createBucket, openS3Client, s3Endpoint, s3Settings } from '../support/s3.ts'
import { openTestSite, SECRET, type Site } from '../support/site.ts'
import { SERVERS } from './servers.ts'

/** Run by `run.ts`, which says by what the server goes that it has started. */
const { IMGSIZES_TEST_SERVER: name, IMGSIZES_TEST_SERVER_FOLDER: folder } = process.env
const kind = SERVERS.find((each) => each.name === name)
if (kind === undefined) throw new Error(`${name} is none of ${SERVERS.map((each) => each.name)}`)

let bucket = ''
let count = 0
beforeAll(async () => {
  bucket = await createBucket('servers')
})

describeStore('contract', {
  open: async () => openS3Store({ bucket, prefix: `place ${count++}/+ü/`, settings: s3Settings() }),
  openMissing: async () => openS3Store({ bucket: `${bucket}-none`, prefix: '', settings: s3Settings() }),
  isFlat: kind.isFlat,
  hasMarks: kind.hasMarks,
  runs: 4,
})

const PICTURES = ['a.jpg', 'b/ü +1.jpg', 'c.png']
const RESULTS = PICTURES.length * 4

const paint = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 400, height: 300, channels: 3, background } })
    .jpeg()
    .toBuffer()

describe('scenario', () => {
  const open = (prefix: string, config: Record<string, unknown> = {}): Site => {
    const at = (name: string): string =>
      `s3://${bucket}/${prefix}-${name}/?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true`
    return openTestSite({
      source: at('in'),
      output: at('out'),
      sizes: { content: { widths: [80, 240] } },
      formats: ['webp', 'original'],
      ...config,
    })
  }
  const upload = async (prefix: string, key: string, Body: Buffer): Promise<void> => {
    const client = openS3Client()
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}-in/${key}`, Body }))
    client.destroy()
  }
  const nothingToDo = async (site: Site): Promise<void> => {
    expect(await site.json('build')).toMatchObject({ rendered: 0, copied: 0, touched: 0, present: RESULTS })
    expect((await site.run('plan', '--check')).code).toBe(0)
    expect(await site.json('verify')).toMatchObject({ checked: RESULTS, bad: [] })
  }

  it('builds, finds nothing to do, and renders what is replaced', async () => {
    const site = open('plain')
    for (const key of PICTURES) await upload('plain', key, await paint('#c00'))
    expect(await site.json('build')).toMatchObject({ rendered: RESULTS, failed: 0 })
    await nothingToDo(site)
    // Of the same size in bytes, if perhaps with the same date.
    await upload('plain', PICTURES[1] ?? '', await paint('#00c'))
    expect((await site.run('plan', '--check')).code).toBe(3)
    expect(await site.json('build')).toMatchObject({ rendered: 4, failed: 0 })
    await nothingToDo(site)
  })

  it('copies to the keys of a new secret, gives new headers, and prunes', async () => {
    const site = open('rotated')
    for (const key of PICTURES) await upload('rotated', key, await paint('#c00'))
    expect(await site.json('build')).toMatchObject({ rendered: RESULTS })
    const rotated = open('rotated', { secret: ['another-secret-of-ours', SECRET] })
    expect(await rotated.json('build')).toMatchObject({ rendered: 0, copied: RESULTS })
    const retouched = open('rotated', {
      secret: ['another-secret-of-ours', SECRET],
      cacheControl: 'public, max-age=7',
    })
    expect(await retouched.json('build')).toMatchObject({ rendered: 0, touched: RESULTS })
    expect(await retouched.json('prune', '--older-than', '0', '--max-share', '1')).toMatchObject({
      deleted: RESULTS,
    })
    await nothingToDo(retouched)
    const client = openS3Client()
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'rotated-in/a.jpg' }))
    client.destroy()
    expect(await retouched.json('prune', '--older-than', '0', '--max-share', '1')).toMatchObject({
      deleted: 4,
    })
  })

  it('gives what is replaced another version', async () => {
    const site = open('versions', { versions: true })
    for (const key of PICTURES) await upload('versions', key, await paint('#c00'))
    expect(await site.json('build')).toMatchObject({ rendered: RESULTS })
    await nothingToDo(site)
    await upload('versions', PICTURES[0] ?? '', await paint('#00c'))
    expect(await site.json('build')).toMatchObject({ rendered: 4, failed: 0 })
    expect(await site.json('plan')).toMatchObject({ missing: 0, stale: 0, present: RESULTS, orphans: 4 })
  })

  it.runIf(folder !== undefined && folder !== '')(
    'renders what others put into its folder beside it',
    async () => {
      const site = open('beside')
      const put = (key: string, bytes: Buffer): void => {
        const path = join(`${folder}`, bucket, 'beside-in', key)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(`${path}.new`, bytes)
        renameSync(`${path}.new`, path)
      }
      for (const key of PICTURES) put(key, await paint('#c00'))
      expect(await site.json('build')).toMatchObject({ rendered: RESULTS })
      await nothingToDo(site)
      put(PICTURES[0] ?? '', await paint('#00c'))
      expect(await site.json('build')).toMatchObject({ rendered: 4, failed: 0 })
      await nothingToDo(site)
    },
  )
})
