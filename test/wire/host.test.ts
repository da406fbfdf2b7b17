import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fairMemoryBytes, type HostFacts, readHost, toBatchBounds } from '../../src/wire/host.ts'
import { makeFolder, writeText } from '../cli/support.ts'

const GIB = 1024 ** 3

/** A machine of 16 CPUs and 64 GiB with these files below its control groups. */
const makeHost = async (ownGroups: string, files: Readonly<Record<string, string>>): Promise<HostFacts> => {
  const groupRoot = await makeFolder()
  for (const [path, text] of Object.entries(files)) await writeText(join(groupRoot, path), text)
  return { cpus: 16, memoryBytes: 64 * GIB, constrainedBytes: 2 ** 64, ownGroups, groupRoot }
}

describe('readHost', () => {
  test('is the machine where nothing limits it', async () => {
    const files = { 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' }
    expect(readHost(await makeHost('0::/\n', files))).toEqual({ cpus: 16, memoryBytes: 64 * GIB })
    expect(readHost(await makeHost('', {}))).toEqual({ cpus: 16, memoryBytes: 64 * GIB })
  })

  test('obeys cgroup v2, its own and those above', async () => {
    const host = await makeHost('0::/pod/box\n', {
      'pod/cpu.max': '250000 100000\n',
      'pod/box/cpu.max': 'max 100000\n',
      'pod/memory.max': `${4 * GIB}\n`,
      'pod/box/memory.max': `${2 * GIB}\n`,
    })
    expect(readHost(host)).toEqual({ cpus: 3, memoryBytes: 2 * GIB })
  })

  test('obeys cgroup v1, also where only the root of the own path can be seen', async () => {
    const host = await makeHost('5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n', {
      'cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
      'cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'memory/memory.limit_in_bytes': `${GIB}\n`,
    })
    expect(readHost(host)).toEqual({ cpus: 1, memoryBytes: GIB })
    expect(fairMemoryBytes(readHost(host))).toBe(GIB / 2)
  })

  test('takes -1 and the largest number of v1 for no limit', async () => {
    const host = await makeHost('4:cpu:/\n5:memory:/\n', {
      'cpu/cpu.cfs_quota_us': '-1\n',
      'cpu/cpu.cfs_period_us': '100000\n',
      'memory/memory.limit_in_bytes': '9223372036854771712\n',
    })
    expect(readHost(host)).toEqual({ cpus: 16, memoryBytes: 64 * GIB })
  })
})

test('a batch encodes two files of a picture at once where it has every core, and else one', () => {
  const host = { cpus: 4, memoryBytes: GIB }
  const atOnce = [1, 3, 4, 9].map((threads) => toBatchBounds(host, { threads, memoryBytes: 1 }).encodesAtOnce)
  expect(atOnce).toEqual([1, 1, 2, 2])
})
