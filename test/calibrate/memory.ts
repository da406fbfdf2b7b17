/**
 * What rendering takes in memory, beside what `src/render/render-memory.ts` predicts of it.
 *
 *     npx esbuild test/calibrate/memory.ts --bundle --platform=node --format=esm --packages=external --outfile=dist/bench/memory.mjs
 *     node dist/bench/memory.mjs [part of a name]
 *
 * Each case runs in a process of its own, as a picture does, once to warm up with a tiny picture and then measured:
 * the peak of resident memory less what it was at rest. A factor is to be above 1 and, for what is common, below 1.5.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPictureHeader } from '../../src/render/header.ts'
import { predictRenderBytes } from '../../src/render/render-memory.ts'
import { renderPicture } from '../../src/render/render-picture.ts'
import { setUpSharp } from '../../src/render/sharp.ts'
import { ask, LIMITS, plain } from '../render/support.ts'
import { UNSEARCHED } from '../support/encoders.ts'
import { listCases } from './memory-cases.ts'

const main = async (wanted = ''): Promise<void> => {
  for (const { name, make, outputs, encodesAtOnce = 1 } of listCases()) {
    if (!name.includes(wanted)) continue
    const file = join(tmpdir(), `imgsizes-memory-${process.pid}`)
    writeFileSync(file, await make())
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [process.argv[1] ?? '', '--measure', file, JSON.stringify({ outputs, encodesAtOnce })],
      {
        encoding: 'utf8',
        env: { ...process.env, MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: String(encodesAtOnce) },
      },
    )
    const line = stdout.trim().split('\n').at(-1) ?? ''
    if (!line.startsWith('{')) {
      console.log(`${name.padEnd(46)} ${stderr.trim().split('\n').slice(0, 12).join(' | ')}`)
      continue
    }
    const { pixels, predicted, taken } = JSON.parse(line)
    console.log(
      `${name.padEnd(46)} predicted ${(predicted / 1e6).toFixed(1).padStart(7)} MB, took ${(taken / 1e6).toFixed(1).padStart(7)}: ${(predicted / taken).toFixed(2).padStart(6)}; ${(taken / pixels).toFixed(2)} B a pixel`,
    )
  }
}

const measure = async (file: string, options: string): Promise<void> => {
  setUpSharp()
  const { outputs, encodesAtOnce } = JSON.parse(options) as { outputs: string[]; encodesAtOnce: number }
  const request = {
    outputs: outputs.map(ask),
    encoders: UNSEARCHED,
    limits: { ...LIMITS, sourcePixels: 1e9, outputPixels: 1e9 },
    encodesAtOnce,
  }
  const tiny = await plain(64, 48).jpeg().toBuffer()
  await renderPicture({ ...request, bytes: tiny, header: await readPictureHeader(tiny) })
  const bytes = readFileSync(file)
  const rest = residentBytes('VmRSS')
  writeFileSync('/proc/self/clear_refs', '5')
  const header = await readPictureHeader(bytes)
  const { memoryBytes: predicted } = predictRenderBytes(header, { ...request, facts: header.facts }, 0)
  await renderPicture({ ...request, bytes, header })
  const { width, height, frames } = header.facts
  console.log(
    JSON.stringify({ pixels: width * height * frames, predicted, taken: residentBytes('VmHWM') - rest }),
  )
}

const residentBytes = (name: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${name}:\\s+([0-9]+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024

const [first, ...rest] = process.argv.slice(2)
if (first === '--measure') await measure(rest[0] ?? '', rest[1] ?? '{}')
else await main(first)
