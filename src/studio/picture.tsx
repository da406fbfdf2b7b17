import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LookView, OverridePatch, PictureView } from '../app/studio/protocol.ts'
import { compact } from '../core/defined.ts'
import { AltField } from './alt-field.tsx'
import { askJson, saveOverride } from './api.ts'
import { Section } from './cells.tsx'
import { Compare } from './compare.tsx'
import { type ComparedTransform, type Editing, idOf } from './comparison.ts'
import { FocusEditor } from './focus.tsx'
import { formatBytes, splitSourceName } from './format-text.ts'
import { Quality } from './quality.tsx'
import { ResultsTable } from './results-table.tsx'
import { toHash } from './route.ts'
import { type Filter, findSources, NO_FILTER } from './sources.ts'
import { useReading } from './use-reading.ts'
import { Said, useSaid } from './use-said.tsx'
import type { PageProps } from './use-sources.ts'

interface PicturePageProps extends PageProps {
  readonly source: string
  readonly filter: Filter
}

/** One picture: its results, how they look, where it is cropped, and its text. */
export const PicturePage = ({ source, setup, inventory, filter }: PicturePageProps) => {
  const [view, setView] = useState<PictureView>()
  const [problem, setProblem] = useState<string>()
  const [said, attempt, clear] = useSaid()
  const heading = useRef<HTMLHeadingElement>(null)
  const { setPattern, setAlt, round } = inventory
  const take = useCallback(
    (next: PictureView) => {
      setView(next)
      setPattern(source, next.pattern)
      setAlt(source, next.override.alt)
    },
    [source, setPattern, setAlt],
  )
  useReading(
    async (signal) => take(await askJson<PictureView>('picture', { source }, signal)),
    [source, round],
    setProblem,
  )
  useLayoutEffect(() => heading.current?.focus(), [])
  const save = (patch: OverridePatch, what: string): Promise<boolean> => {
    clear()
    return attempt(async () => {
      take(await saveOverride(source, patch))
      return `${what}: saved${setup.overrides === undefined ? '' : ` to ${setup.overrides}`}.`
    })
  }
  useEscape()
  const [folder, name] = splitSourceName(source)
  return (
    <article class="picture">
      <header>
        <a class="back" href={toHash({ kind: 'pictures' })}>
          Pictures
        </a>
        <h1 ref={heading} tabIndex={-1}>
          <span class="folder">{folder}</span>
          {name}
        </h1>
        <p class="about">{view === undefined ? ' ' : describe(view)}</p>
        <Neighbours source={source} inventory={inventory} filter={filter} />
      </header>
      <Said said={said} />
      {problem !== undefined && <p class="card bad">{problem}</p>}
      {view?.problem !== undefined && <p class="card bad">{view.problem}</p>}
      {view?.width !== undefined && <Views view={view} setup={setup} save={save} />}
    </article>
  )
}

const describe = ({ width, height, bytes, mediaFormat, override }: PictureView): string =>
  compact(
    width !== undefined && `${width} × ${height}`,
    mediaFormat?.toUpperCase(),
    formatBytes(bytes),
    override.quality !== undefined && `quality ${override.quality} of its own`,
    override.exclude && 'excluded',
  ).join(' · ')

const Views = ({ view, setup, save }: Editing) => {
  const [chosen, setChosen] = useState(() => chooseFirst(view))
  const [quality, setQuality] = useState<number>()
  const looks = useLooks(view)
  const rows = rowsOf(view)
  // Saved overrides give transforms other names, in the same order.
  const transform = rows[chosen.row] ?? rows[0]
  const shown: ComparedTransform | undefined = transform === undefined ? undefined : { ...chosen, transform }
  const choose = (change: Partial<ComparedTransform>): void => {
    setQuality(undefined)
    setChosen((before) => ({
      ...before,
      ...change,
      ...(change.transform !== undefined && { row: rows.indexOf(change.transform) }),
    }))
  }
  return (
    <>
      {shown === undefined ? (
        <p class="card">No size asks for pixels of this picture.</p>
      ) : (
        <div class="panes">
          <Compare view={view} shown={shown} looks={looks} quality={quality} choose={choose} />
          <Quality
            view={view}
            setup={setup}
            shown={shown}
            quality={quality}
            setQuality={(next, format) => {
              if (format !== shown.right) setChosen({ ...chosen, right: format })
              setQuality(next)
            }}
            save={async (patch, what) => {
              const isSaved = await save(patch, what)
              if (isSaved) setQuality(undefined)
              return isSaved
            }}
          />
        </div>
      )}
      <ResultsTable view={view} looks={looks} shown={shown} choose={choose} />
      <FocusEditor view={view} setup={setup} save={save} />
      <Section id="alt" title="Alt text">
        <AltField source={view.source} alt={view.override.alt} save={(alt) => save({ alt }, 'Alt text')} />
      </Section>
    </>
  )
}

/** The transforms that are of pixels, each once. */
const rowsOf = ({ results }: PictureView): readonly string[] => [
  ...new Set(results.filter(({ format }) => format !== 'svg').map(({ transform }) => transform)),
]

/** A medium size, the original beside its most compact format. */
const chooseFirst = (
  view: PictureView,
): Pick<ComparedTransform, 'left' | 'right'> & { readonly row: number } => {
  const drawn = view.results.filter(({ format }) => format !== 'svg')
  const widths = drawn.map(({ width = 0 }) => width).sort((a, b) => a - b)
  const middle = widths[Math.floor(widths.length / 2)]
  const found = drawn.find(({ width }) => width === middle)
  const row = Math.max(0, rowsOf(view).indexOf(found?.transform ?? ''))
  return { row, left: 'original', right: found?.format ?? 'original' }
}

/** How each result looks, transform after transform: each is decoded once. */
const useLooks = ({ source, results }: PictureView): ReadonlyMap<string, LookView> => {
  const [looks, setLooks] = useState<ReadonlyMap<string, LookView>>(new Map())
  const asked = [...new Set(results.map(({ transform }) => transform))].join(' ')
  useReading(
    async (signal) => {
      for (const transform of asked.split(' ').filter(Boolean)) {
        const output = results.filter((result) => result.transform === transform).map(idOf)
        const found = await askJson<readonly LookView[]>('looks', { source, output }, signal)
        setLooks((before) => new Map([...before, ...found.map((each) => [idOf(each), each] as const)]))
      }
    },
    [source, asked],
  )
  return looks
}

const Neighbours = ({ source, inventory: { sources, version }, filter }: Omit<PicturePageProps, 'setup'>) => {
  const [before, after] = useMemo(() => {
    const namesOf = (which: Filter): readonly (string | undefined)[] =>
      findSources(sources, which).places.map((place) => sources.names[place])
    const found = namesOf(filter)
    const all = found.includes(source) ? found : namesOf(NO_FILTER)
    const at = all.indexOf(source)
    return at === -1 ? [] : [all[at - 1], all[at + 1]]
  }, [source, sources, version, filter])
  return (
    <nav class="neighbours" aria-label="Other pictures">
      <Neighbour source={before}>Previous</Neighbour>
      <Neighbour source={after}>Next</Neighbour>
    </nav>
  )
}

interface NeighbourProps {
  readonly source: string | undefined
  readonly children: string
}

const Neighbour = ({ source, children }: NeighbourProps) =>
  source === undefined ? (
    <span aria-hidden="true">{children}</span>
  ) : (
    <a href={toHash({ kind: 'picture', source })}>{children}</a>
  )

/** Leads back to all pictures, unless something is being written. */
const useEscape = (): void => {
  // Before the next key comes.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.target instanceof HTMLTextAreaElement) return
      location.hash = toHash({ kind: 'pictures' })
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}
