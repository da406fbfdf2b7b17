/**
 * A build with nothing to do over a folder of many files: what every deployment pays.
 *
 *     npm run bench:noop -- [files]        default 20,000, of four results each
 *
 * The folders are filled by the use case itself with results that are texts, so that nothing is rendered; then the
 * program runs on them as ever. Prints one JSON object.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { openFolderStore } from '../../src/store/folder.ts'
import { openBench, SECRET } from '../support/bench-project.ts'
import { measure } from './measure.ts'

const BIN = resolve(import.meta.dirname, '../../bin/imgsizes.cjs')

const main = async ([count = '20000']: readonly string[]): Promise<void> => {
  const files = Number(count)
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-bench-'))
  try {
    for (let i = 0; i < files; i++) {
      const file = join(folder, 'in', `album-${Math.floor(i / 500)}`, `${i}.jpg`)
      if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `picture ${i}`)
    }
    const config = {
      formats: ['webp' as const, 'original' as const],
      sizes: { content: { widths: [320, 640] } },
    }
    const bench = openBench({
      source: openFolderStore({ path: join(folder, 'in'), trustChangeTime: true }),
      output: openFolderStore({ path: join(folder, 'out'), create: true }),
      now: Date.now,
      config,
    })
    await bench.build({ threads: 8 })
    const site = { ...config, source: './in', output: './out', baseUrl: '/', secret: SECRET }
    writeFileSync(join(folder, 'imgsizes.config.json'), JSON.stringify(site))
    const { wallMs, cpuMs, peakBytes, stdout } = await measure([process.execPath, BIN, 'build', '--json'], {
      cwd: folder,
    })
    const { sources, present, rendered, bytesIn, seconds } = JSON.parse(stdout)
    console.log(
      JSON.stringify({
        sources,
        present,
        rendered,
        bytesIn,
        seconds,
        wallSeconds: Number((wallMs / 1000).toFixed(2)),
        cpuSeconds: Number((cpuMs / 1000).toFixed(2)),
        peakMegabytes: Math.round(peakBytes / 1e6),
      }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
