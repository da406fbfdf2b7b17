import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, installPackages } from './packages.ts'

const MEGABYTES = 16

/** A folder on a real exFAT disk, which ignores letter case; undefined, said in a line, where none can be mounted. */
export const mountFoldingDisk = async (): Promise<
  { readonly path: string; unmount(): Promise<void> } | undefined
> => {
  if (process.getuid?.() !== 0 || !existsSync('/dev/fuse')) return skip('needs root and /dev/fuse')
  await installPackages({
    what: 'a disk that ignores letter case',
    packages: ['exfat-fuse', 'exfatprogs'],
    programs: ['mount.exfat-fuse', 'mkfs.exfat'],
  })
  const base = await mkdtemp(join(tmpdir(), 'imgsizes-exfat-'))
  const path = join(base, 'disk')
  await mkdir(path)
  const image = await open(join(base, 'image'), 'w')
  await image.truncate(MEGABYTES * 1024 * 1024)
  await image.close()
  const runAs = (program: string, ...args: readonly string[]) =>
    spawnSync(findProgram(program) ?? program, args, { encoding: 'utf8' })
  const device = runAs('losetup', '--find', '--show', join(base, 'image')).stdout.trim()
  const unmount = async (): Promise<void> => {
    runAs('umount', '--lazy', path)
    runAs('losetup', '--detach', device)
    await rm(base, { recursive: true, force: true })
  }
  const isMounted =
    runAs('mkfs.exfat', device).status === 0 && runAs('mount.exfat-fuse', device, path).status === 0
  if (isMounted) return { path, unmount }
  await unmount()
  return skip('it cannot be mounted here')
}

const skip = (why: string): undefined =>
  void console.error(`skipped: what happens on a disk that ignores letter case (${why})`)
