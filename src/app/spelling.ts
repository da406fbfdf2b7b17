import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { ListedResult, SourceGroup } from '../plan/group.ts'
import type { Tell } from './event.ts'
import type { Originals } from './originals.ts'
import type { ForeignCounts, Results } from './results.ts'

export interface MisspeltInput {
  readonly originals: Originals
  readonly results: Results
  /** Whoever counted foreign objects has counted these, too. */
  readonly foreignCounts?: ForeignCounts
  readonly signal?: AbortSignal
}

/**
 * Some disks take several names for one (`WritableStore.findOtherSpelling`). A listing shows the spelling that a
 * folder was made with, which need not be that of the source whose results lie there: it was renamed since, or the
 * disk spells as it likes. Then its results are taken for foreign objects, and are looked for by name.
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
  const own: ListedResult[] = []
  const options = { spelled, ...(foreignCounts && { foreignCounts }), ...(signal && { signal }) }
  for await (const result of results.listOf(key, options)) own.push(result)
  return own.length === 0 ? group : { ...group, results: own, isMisspelt: true }
}

/** What a build does about spellings. */
export interface SpellingWork {
  /**
   * Has the folder of a source's results spelled as their keys are, or a copy of it would not be found elsewhere.
   * Problem `source-twin` where another original has a better claim to it.
   */
  mend(source: SourceKey): Promise<void>
}

export const createSpellingWork = ({
  originals,
  results: { store },
  tell,
}: {
  readonly originals: Originals
  readonly results: Results
  readonly tell: Tell
}): SpellingWork => {
  const told = new Set<SourceKey>()
  return {
    mend: async (source) => {
      const spelled = await store.findOtherSpelling?.(source)
      if (spelled === undefined) return
      if (await isTwin(spelled, originals)) throw toTwinProblem(source, spelled)
      const rival = await findRival(source, spelled, originals)
      if (rival === undefined) await store.mendSpelling?.(source)
      else if (!told.has(rival)) tell({ kind: 'warning', problem: toRivalProblem(source, rival) })
      if (rival !== undefined) told.add(rival)
    },
  }
}

/** Whether the other spelling is that of an original, too: then both want one folder. */
const isTwin = async (spelled: string, originals: Pick<Originals, 'findAtOrBelow'>): Promise<boolean> =>
  (await originals.findAtOrBelow(spelled)) === spelled

/** An original in a folder that a source's own differs from only as the disk does not see; undefined: there is none. */
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
    `${source} and ${twin} are one name to the disk of the output${differ(source, twin)}`,
    {
      subject: source,
      hint: `Rename one of them, or store where each name is its own: on S3, or on another disk. Results are kept of ${twin} alone.`,
    },
  )

const toRivalProblem = (source: SourceKey, rival: string): Problem =>
  new Problem(
    'source-twin',
    `The folders of ${source} and ${rival} are one to the disk of the output, spelled as the second. A copy on a server that tells them apart lacks the results of the first`,
    { subject: source, hint: 'Spell them alike, or store on S3 or on another disk.' },
  )

const differ = (a: string, b: string): string =>
  a.normalize('NFC') === b.normalize('NFC')
    ? ': they differ in how accents are composed'
    : ': they differ in letter case'
