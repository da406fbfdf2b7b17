import { Problem } from '../../core/problem.ts'
import type { WritableStore } from '../../store/port.ts'
import type { Tell } from '../event.ts'

/** How to delete what a bucket with versions keeps. */
export const EXPIRE_VERSIONS =
  'A lifecycle rule with NoncurrentVersionExpiration (for example, 7 days) deletes old versions; ExpiredObjectDeleteMarker deletes the delete markers.'

/** Says, after something was deleted, that its bytes remain where the bucket keeps versions. */
export const tellKeptVersions = async (store: WritableStore, tell: Tell): Promise<void> => {
  if ((await store.keepsVersions?.()) !== true) return
  const what = `${store.place} keeps versions: deleted objects are hidden, but still take space.`
  tell({ kind: 'warning', problem: new Problem('store-keeps-versions', what, { hint: EXPIRE_VERSIONS }) })
}
