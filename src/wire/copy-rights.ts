import { chmod, chown, stat } from 'node:fs/promises'

/** Gives the file `to` the permissions of `from`, which it is about to replace, and the owner where it may. */
export const copyRights = async (from: string, to: string): Promise<void> => {
  const found = await stat(from).catch(() => undefined)
  if (found === undefined) return
  await chown(to, found.uid, found.gid).catch(() => {}) // only root may give files away
  await chmod(to, found.mode)
}
