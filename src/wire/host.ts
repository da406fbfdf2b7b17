import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

/** What this process may use of its machine, with the limits of its container. */
export interface Host {
  /** At least 1. */
  readonly cpus: number
  readonly memoryBytes: number
}

/** What a machine says of itself; tests give their own. */
export interface HostFacts extends Host {
  /** `process.constrainedMemory()`: 0 or 2^64 where there is no limit, or it is unknown. */
  readonly constrainedBytes: number
  /** The text of `/proc/self/cgroup`; "" where there is none. */
  readonly ownGroups: string
  /** Where control groups are mounted. */
  readonly groupRoot: string
}

/** Reads cgroups, because `os.availableParallelism()` ignores CPU quotas before libuv 1.49 (Node 20 and 22). */
export const readHost = (facts: HostFacts = readFacts()): Host => {
  const quotas = listFolders(facts, 'cpu').map(readCpuQuota)
  const limits = listFolders(facts, 'memory').map(readMemoryLimit)
  // For a quota of 1.5, two workers that are slowed down now and then are better than one that leaves a third unused.
  const cpus = Math.ceil(Math.min(facts.cpus, ...quotas))
  const constrained = facts.constrainedBytes > 0 ? facts.constrainedBytes : Number.POSITIVE_INFINITY
  return { cpus: Math.max(1, cpus), memoryBytes: Math.min(facts.memoryBytes, constrained, ...limits) }
}

/** Decoded pictures may take half of the memory: encoders, originals and Node itself need the rest. */
export const fairMemoryBytes = (host: Host): number => Math.floor(host.memoryBytes / 2)

/**
 * How a batch renders. With all cores, two files of a picture are encoded at once, so that no core is idle between the
 * steps of a picture or at the end. Whoever asks for fewer threads wants to keep cores free.
 */
export const toBatchBounds = (
  host: Host,
  {
    threads = host.cpus,
    memoryBytes = fairMemoryBytes(host),
  }: { readonly threads?: number | undefined; readonly memoryBytes?: number | undefined } = {},
) => ({ threads, memoryBytes, encodesAtOnce: threads < host.cpus ? 1 : 2 })

const readFacts = (): HostFacts => ({
  cpus: availableParallelism(),
  memoryBytes: totalmem(),
  constrainedBytes: process.constrainedMemory(),
  ownGroups: readText('/proc/self/cgroup') ?? '',
  groupRoot: '/sys/fs/cgroup',
})

/**
 * The folders of limits for this process: of its own group and all groups above, in version 2 (one tree) and
 * version 1 (a tree per controller). In a container its own path is often not visible; its root always is.
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
    return undefined // no such system, group or permission: no limit that could be known
  }
}
