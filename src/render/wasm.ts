import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A running module of `src/wasm`: its exports, and its memory. */
export interface Instance<Kernel> {
  readonly kernel: Kernel
  readonly memory: WebAssembly.Memory
}

/** Loads a compiled module by its name in package.json's imports. */
export const loadModule = (name: `#${string}`): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve(name)))

/** `Kernel` must be what the module exports. Each instance has memory of its own. */
export const instantiate = <Kernel>(module: WebAssembly.Module): Instance<Kernel> => {
  const { exports } = new WebAssembly.Instance(module)
  return { kernel: exports as unknown as Kernel, memory: exports.memory as WebAssembly.Memory }
}

/** The value of `open`, which is called on first use. */
export const lazily = <T>(open: () => T): (() => T) => {
  let opened: T | undefined
  return () => {
    opened ??= open()
    return opened
  }
}
