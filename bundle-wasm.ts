import asc from 'assemblyscript/asc'

// The inner loops of `src/wasm/`, compiled by one process: to load the compiler takes half of its time.

for (const name of ['ssimulacra2', 'saliency']) {
  const { error, stderr } = await asc.main([
    ...[`src/wasm/${name}.ts`, '--outFile', `dist/render/${name}.wasm`],
    ...['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'],
  ])
  if (error) throw new Error(`${name}: ${stderr}`, { cause: error })
}
