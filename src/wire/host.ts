import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

/** What this process may use of its machine, container limits included. */
export interface Host {
  /** At least 1. */
  readonly cpus: number
  readonly memoryBytes: number
}

/** What a machine says of itself; given in tests. */
export interface HostFacts {
  readonly cpus: number
  readonly memoryBytes: number
  /** `process.constrainedMemory()`: 0 or 2^64 where there is no limit, or none is known. */
  readonly constrainedBytes: number
  /** The text of `/proc/self/cgroup`; "" where there is none. */
  readonly ownGroups: string
  /** Where control groups are mounted. */
  readonly groupRoot: string
}

/** `os.availableParallelism()` knows nothing of CPU quotas before libuv 1.49 (Node 20 and 22): cgroups are read here. */
export const readHost = (facts: HostFacts = readFacts()): Host => {
  const quotas = listFolders(facts, 'cpu').map(readCpuQuota)
  const limits = listFolders(facts, 'memory').map(readMemoryLimit)
  // A quota of one and a half is two workers that are throttled now and then, rather than one that idles a third.
  const cpus = Math.ceil(Math.min(facts.cpus, ...quotas))
  const constrained = facts.constrainedBytes > 0 ? facts.constrainedBytes : Number.POSITIVE_INFINITY
  return { cpus: Math.max(1, cpus), memoryBytes: Math.min(facts.memoryBytes, constrained, ...limits) }
}

/** Decoded pictures may fill half of what there is: encoders, originals and Node itself want the rest. */
export const fairMemoryBytes = (host: Host): number => Math.floor(host.memoryBytes / 2)

/**
 * What a batch renders with. Where it has every core, two files of a picture are encoded at once, so that none idles
 * between the steps of a picture or at the end; who asked for fewer threads wants cores left alone.
 */
export const toBatchBounds = (
  host: Host,
  { threads, memoryBytes }: { readonly threads: number; readonly memoryBytes: number },
) => ({ threads, memoryBytes, encodesAtOnce: threads < host.cpus ? 1 : 2 })

const readFacts = (): HostFacts => ({
  cpus: availableParallelism(),
  memoryBytes: totalmem(),
  constrainedBytes: process.constrainedMemory(),
  ownGroups: readText('/proc/self/cgroup') ?? '',
  groupRoot: '/sys/fs/cgroup',
})

/**
 * The folders whose limits hold for this process: its own group and all above it, in version 2 (one tree) and
 * version 1 (a tree per controller). In a container the own path is often not to be seen; its root always is.
 */
const listFolders = ({ ownGroups, groupRoot }: HostFacts, controller: string): readonly string[] =>
  ownGroups.split('\n').flatMap((line) => {
    const [, controllers, path] = /^[0-9]+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    if (controllers === '') return listUpwards(path).map((part) => join(groupRoot, part))
    if (!controllers.split(',').includes(controller)) return []
    const roots = [...new Set([controllers, controller])]
    return roots.flatMap((root) => listUpwards(path).map((part) => join(groupRoot, root, part)))
  })

const listUpwards = (path: string): readonly string[] =>
  path === '/' ? [path] : [path, ...listUpwards(dirname(path))]

/** CPUs' worth of time: `cpu.max` of version 2 ("200000 100000"), `cpu.cfs_*` of version 1 (-1: none). */
const readCpuQuota = (folder: string): number => {
  const [quota, period] = (readText(join(folder, 'cpu.max')) ?? '').split(/\s+/)
  return (
    toQuota(quota, period) ??
    toQuota(
      readText(join(folder, 'cpu.cfs_quota_us'))?.trim(),
      readText(join(folder, 'cpu.cfs_period_us'))?.trim(),
    ) ??
    Number.POSITIVE_INFINITY
  )
}

const toQuota = (quota: string | undefined, period: string | undefined): number | undefined => {
  const share = Number(quota) / Number(period)
  return Number.isFinite(share) && share > 0 ? share : undefined
}

const readMemoryLimit = (folder: string): number => {
  const text = readText(join(folder, 'memory.max')) ?? readText(join(folder, 'memory.limit_in_bytes'))
  const bytes = Number(text?.trim() || Number.NaN)
  return bytes > 0 ? bytes : Number.POSITIVE_INFINITY
}

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // no such system, group or right: no limit that could be known
  }
}
