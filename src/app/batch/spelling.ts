import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { SourceGroup } from '../../plan/group.ts'
import { collect } from '../../waiting/collect.ts'
import type { Tell } from '../event.ts'
import type { Originals } from '../originals.ts'
import type { ForeignCounts, Results } from '../results.ts'

interface MisspeltInput {
  readonly originals: Originals
  readonly results: Results
  /** The listing has counted these results as foreign objects; here they are subtracted. */
  readonly foreignCounts?: ForeignCounts
  readonly signal?: AbortSignal | undefined
}

/**
 * Some disks treat several names as one (`WritableStore.findOtherSpelling`). A listing shows the spelling with which a
 * folder was made. It may differ from that of the source whose results lie there: the source was renamed since, or the
 * disk changes spellings. Then these results look like foreign objects in the listing, and are looked up by name.
 */
export const findMisspelt = async (
  group: SourceGroup,
  { originals, results, foreignCounts, signal }: MisspeltInput,
): Promise<SourceGroup & { readonly problem?: Problem }> => {
  const { key } = group
  const spelled = await results.store.findOtherSpelling?.(key)
  if (spelled === undefined) return group
  if (group.source !== undefined && (await isTwin(spelled, originals)))
    return { ...group, problem: toTwinProblem(key, spelled) }
  const options = { spelled, ...(foreignCounts && { foreignCounts }), signal }
  const own = await collect(results.listOf(key, options))
  return own.length === 0 ? group : { ...group, results: own, isMisspelt: true }
}

/**
 * Renames the folder of a source's results to the spelling of their keys; otherwise a copy of the folder on another disk
 * would lack them. Problem `source-twin` where the folder belongs rather to another original.
 */
export type MendSpelling = (source: SourceKey) => Promise<void>

/** Tells each source at most once. */
export const createMendSpelling = ({
  originals,
  results: { store },
  tell,
}: {
  readonly originals: Originals
  readonly results: Results
  readonly tell: Tell
}): MendSpelling => {
  const told = new Set<SourceKey>()
  return async (source) => {
    const spelled = await store.findOtherSpelling?.(source)
    if (spelled === undefined) return
    if (await isTwin(spelled, originals)) throw toTwinProblem(source, spelled)
    const rival = await findRival(source, spelled, originals)
    if (rival === undefined) await store.mendSpelling?.(source)
    else if (!told.has(rival)) tell({ kind: 'warning', problem: toRivalProblem(source, rival) })
    if (rival !== undefined) told.add(rival)
  }
}

/** Whether an original has the other spelling as well: then both use the same folder. */
const isTwin = async (spelled: string, originals: Pick<Originals, 'findAtOrBelow'>): Promise<boolean> =>
  (await originals.findAtOrBelow(spelled)) === spelled

/** An original whose folder is the same one to the disk as the source's, by another spelling; undefined: none. */
const findRival = async (
  source: SourceKey,
  spelled: string,
  originals: Pick<Originals, 'findAtOrBelow'>,
): Promise<SourceKey | undefined> => {
  const names = spelled.split('/')
  const own = source.split('/')
  const first = names.findIndex((name, index) => name !== own[index])
  return originals.findAtOrBelow(names.slice(0, first + 1).join('/'))
}

const toTwinProblem = (source: SourceKey, twin: string): Problem =>
  new Problem(
    'source-twin',
    `${source} and ${twin} are the same name on the disk of the output${differ(source, twin)}`,
    {
      subject: source,
      hint: `Rename one of them, or store on S3 or on a disk that tells them apart. Only results of ${twin} are kept.`,
    },
  )

const toRivalProblem = (source: SourceKey, rival: string): Problem =>
  new Problem(
    'source-twin',
    `The folders of ${source} and ${rival} are the same on the disk of the output, spelled as the second one. A copy on a server that tells them apart lacks the results of the first`,
    { subject: source, hint: 'Spell them the same way, or store on S3 or on another disk.' },
  )

const differ = (a: string, b: string): string =>
  a.normalize('NFC') === b.normalize('NFC')
    ? ': they differ in how accents are composed'
    : ': they differ in letter case'
