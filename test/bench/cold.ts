import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { cpuSecondsOf, type Shot, shootAll } from './load.ts'
import { median } from './measure.ts'
import { findPhotos } from './photos.ts'
import { type Asked, type Contender, startIpx, startNginx, startOurs, WIDE_640 } from './serve-contenders.ts'

/**
 * Cold renders of each kind beside ipx and, for the plainest, nginx's image_filter, in turns: CPU of all processes for a
 * render. ipx's JPEGs are progressive, its WebPs of sharp's effort; so are ours here, though `serve` by default writes a
 * JPEG in one scan. ipx stores nothing and checks nothing.
 */
interface ColdKind {
  readonly title: string
  readonly name: string
  readonly make: (photo: string) => Promise<Buffer>
  readonly ending: 'jpg' | 'png'
  readonly asked: Asked
  readonly requests: number
}

const fourMegapixels = (photo: string): Promise<Buffer> =>
  cover(photo, 2464, 1632).jpeg({ quality: 90 }).toBuffer()
const cover = (photo: string, width: number, height: number) =>
  sharp(photo).resize(width, height, { fit: 'cover' })
const WEBP_640: Asked = { transform: '640w.q80', format: 'webp', ipx: 'w_640,q_80,f_webp' }

const KINDS: readonly ColdKind[] = [
  {
    title: '4 megapixels to a JPEG 640 wide',
    name: 'even',
    make: fourMegapixels,
    ending: 'jpg',
    asked: WIDE_640,
    requests: 100,
  },
  {
    title: 'the same with odd sides',
    name: 'odd',
    make: (photo) => cover(photo, 2449, 1623).jpeg({ quality: 90 }).toBuffer(),
    ending: 'jpg',
    asked: WIDE_640,
    requests: 100,
  },
  { title: 'to a WebP', name: 'webp', make: fourMegapixels, ending: 'jpg', asked: WEBP_640, requests: 80 },
  {
    title: 'attention, 400×300',
    name: 'attention',
    make: fourMegapixels,
    ending: 'jpg',
    asked: {
      transform: '400x300.cover.attention.q80',
      format: 'jpg',
      ipx: 's_400x300,fit_cover,pos_attention,q_80',
    },
    requests: 100,
  },
  {
    title: '15 megapixels to 1920',
    name: 'large',
    make: (photo) => cover(photo, 4752, 3168).jpeg({ quality: 90 }).toBuffer(),
    ending: 'jpg',
    asked: { transform: '1920w.q80', format: 'jpg', ipx: 'w_1920,q_80' },
    requests: 30,
  },
  {
    title: 'a PNG of 8 megapixels to a WebP',
    name: 'png',
    make: (photo) => cover(photo, 3456, 2304).png({ compressionLevel: 6 }).toBuffer(),
    ending: 'png',
    asked: WEBP_640,
    requests: 30,
  },
]

const EQUAL = { serve: { encoders: { jpeg: { progressive: true } } } }
const CONNECTIONS = 8

export const compareCold = async (
  folder: string,
  { rounds, only }: { readonly rounds: number; readonly only: string },
): Promise<void> => {
  const originals = join(folder, 'cold-originals')
  mkdirSync(originals, { recursive: true })
  const ours = await startOurs({ originals, output: join(folder, 'out'), config: EQUAL })
  const nginx = await startNginx(originals, join(folder, 'nginx'))
  const ipx = await startIpx(originals)
  console.log(
    `\ncold, ${CONNECTIONS} connections, median of ${rounds} rounds in turns: ms CPU a render (a second)`,
  )
  const [photo = ''] = findPhotos()
  for (const kind of KINDS.filter(({ title }) => title.includes(only))) {
    const original = join(folder, `${kind.name}.${kind.ending}`)
    writeFileSync(original, await kind.make(photo))
    const contenders = [ours, ipx, ...(kind.name === 'even' ? [nginx] : [])].filter(
      (each) => each !== undefined,
    )
    const costs = new Map<string, Cold[]>()
    for (let round = 0; round <= rounds; round++)
      for (const contender of contenders) {
        const sources = addSources(
          { original, originals, prefix: `${kind.name}-${round}-${contender.pid}` },
          kind,
        )
        const cold = await measureCold(contender, sources, kind.asked)
        // The first round warms up: code, page cache, threads.
        if (round > 0) costs.set(contender.name, [...(costs.get(contender.name) ?? []), cold])
      }
    const cells = contenders.map(({ name }) => `${name} ${describe(costs.get(name) ?? [])}`)
    console.log(`  ${kind.title.padEnd(34)}${cells.join('; ')}`)
  }
  for (const contender of [ours, nginx, ipx]) await contender?.stop()
}

interface Cold {
  readonly perSecond: number
  readonly cpuMs: number
  readonly sizeBytes: number
}

const describe = (colds: readonly Cold[]): string => {
  const of = (pick: (cold: Cold) => number): number => median(colds.map(pick))
  const kilobytes = of(({ sizeBytes }) => sizeBytes) / 1000
  return `${of(({ cpuMs }) => cpuMs).toFixed(1)} (${of(({ perSecond }) => perSecond).toFixed(1)}, ${kilobytes.toFixed(0)} kB)`
}

/** Sources that nobody has asked for yet; all of them are one file. */
const addSources = (
  {
    original,
    originals,
    prefix,
  }: { readonly original: string; readonly originals: string; readonly prefix: string },
  { requests, ending }: ColdKind,
): readonly string[] =>
  Array.from({ length: requests }, (_, index) => {
    const name = `${prefix}-${index}.${ending}`
    linkSync(original, join(originals, name))
    return name
  })

const measureCold = async (contender: Contender, sources: readonly string[], asked: Asked): Promise<Cold> => {
  const cpuBefore = cpuSecondsOf(contender.pid)
  const { shots, seconds } = await shootAll(
    sources.map((source) => contender.urlOf(source, asked)),
    CONNECTIONS,
  )
  checkAll(contender.name, shots)
  const cpuMs = ((cpuSecondsOf(contender.pid) - cpuBefore) * 1000) / sources.length
  return { perSecond: sources.length / seconds, cpuMs, sizeBytes: shots[0]?.sizeBytes ?? 0 }
}

export const checkAll = (name: string, shots: readonly Shot[]): void => {
  const failed = shots.filter(({ status }) => status !== 200)
  if (failed.length > 0) throw new Error(`${name} answered ${failed[0]?.status} to ${failed.length} requests`)
}
