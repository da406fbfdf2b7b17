import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { openTestSite } from '../../support/site.ts'

const site = openTestSite(
  {
    source: './photos',
    output: './img',
    baseUrl: '/img/',
    formats: ['avif', 'original'],
    sizes: { content: { widths: [64] } },
  },
  afterAll,
)

it('counts the bytes of the format that pages offer first, whichever stands first in the configuration', async () => {
  const dots = Buffer.from(Array.from({ length: 64 * 64 }, (_, at) => (at % 7 === 0 ? 255 : 0)))
  site.write(
    'photos/dots.png',
    await sharp(dots, { raw: { width: 64, height: 64, channels: 1 } })
      .png()
      .toBuffer(),
  )
  site.write('dist/index.html', '<img src="/photos/dots.png" alt="">')
  await site.run('build')
  const { bytesAfter } = await site.json('html', 'dist')
  const folder = join(site.folder, 'img/dots.png')
  const [avif = 0, png = 0] = readdirSync(folder)
    .sort()
    .map((name) => statSync(join(folder, name)).size)
  expect([bytesAfter, png < avif]).toEqual([png, true])
})
