import { Problem } from '../core/problem.ts'
import type { WritableStore } from '../store/port.ts'
import type { Tell } from './event.ts'

/** How to be rid of what a bucket with versions keeps. */
export const EXPIRE_VERSIONS =
  'A lifecycle rule with NoncurrentVersionExpiration (say 7 days) deletes what is replaced or deleted; ExpiredObjectDeleteMarker the marks of it.'

/** Says, after something was deleted, that its bytes remain where the bucket keeps versions. */
export const tellKeptVersions = async (store: WritableStore, tell: Tell): Promise<void> => {
  if ((await store.keepsVersions?.()) !== true) return
  const what = `${store.place} keeps versions: what was deleted is out of sight and still takes room.`
  tell({ kind: 'warning', problem: new Problem('store-keeps-versions', what, { hint: EXPIRE_VERSIONS }) })
}
