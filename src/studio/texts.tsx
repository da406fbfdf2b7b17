import type { ComponentProps } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { AltField } from './alt-field.tsx'
import { saveOverride } from './api.ts'
import { Check } from './fields.tsx'
import { formatNumber, formatPictureCount, splitSourceName } from './format-text.ts'
import { toHash } from './route.ts'
import { findSources, NO_FILTER } from './sources.ts'
import { Thumb } from './thumb.tsx'
import { Said, useSaid } from './use-said.tsx'
import type { PageProps } from './use-sources.ts'
import { VirtualGrid } from './virtual-grid.tsx'

/** A row of a picture and its field. */
const RULES = { leastTile: 10_000, gap: 10, ratio: 0, captionHeight: 104 } as const

/** The pictures without an alternative text, each with a field to write one. */
export const TextsPage = ({ setup, inventory }: PageProps) => {
  const { sources, version, setAlt } = inventory
  const [search, setSearch] = useState('')
  const [lacksAlt, setLacksAlt] = useState(true)
  const [current, setCurrent] = useState(0)
  const [said, attempt] = useSaid()
  // One that has its text now stays where it is until the list is asked for anew.
  const [kept, setKept] = useState<ReadonlySet<number>>(new Set())
  const isEnded = sources.end !== undefined
  const places = useMemo(
    () =>
      findSources(sources, { ...NO_FILTER, search }).places.filter(
        (place) => !lacksAlt || kept.has(place) || !sources.alts.has(place),
      ),
    [sources, isEnded ? 'all' : version, search, lacksAlt, kept],
  )
  const missing = sources.names.length - sources.alts.size
  const save = (place: number, alt: string | null): Promise<boolean> =>
    attempt(async () => {
      const source = sources.names[place] ?? ''
      const view = await saveOverride(source, { alt })
      setKept((before) => new Set([...before, place]))
      setAlt(source, view.override.alt)
      return `${source}: saved.`
    })
  return (
    <div class="pictures texts">
      <h1 class="unseen">Alt texts</h1>
      <search class="filters" aria-label="Which pictures">
        <input
          type="search"
          aria-label="Search names"
          placeholder="Search names"
          value={search}
          onInput={({ currentTarget }) => {
            setSearch(currentTarget.value)
            setCurrent(0)
          }}
        />
        <Check
          isOn={lacksAlt}
          set={(isOn) => {
            setLacksAlt(isOn)
            setKept(new Set())
            setCurrent(0)
          }}
        >
          only those without one
        </Check>
        <p class="count">
          {missing === 0
            ? 'Every picture has a text.'
            : `${formatNumber(missing)} of ${formatPictureCount(sources.names.length)} without a text`}
        </p>
      </search>
      <Said said={said}>{setup.overrides === undefined && NO_PLACE}</Said>
      {places.length === 0 ? (
        <p class="nothing">{isEnded ? 'No picture is left here.' : 'Reading the pictures …'}</p>
      ) : (
        <VirtualGrid
          label="Pictures and their alt texts"
          count={places.length}
          rules={RULES}
          keyOf={(index) => sources.names[places[index] ?? -1] ?? ''}
          current={Math.min(current, places.length - 1)}
          onMove={setCurrent}
          cell={(index) => {
            const place = places[index] ?? -1
            return (
              <TextRow
                source={sources.names[place] ?? ''}
                alt={sources.alts.get(place)}
                save={(alt) => save(place, alt)}
                onSaved={() => focusField(index + 1)}
              />
            )
          }}
        />
      )}
    </div>
  )
}

const TextRow = ({ source, ...field }: ComponentProps<typeof AltField>) => {
  const [folder, name] = splitSourceName(source)
  return (
    <div class="text">
      <a href={toHash({ kind: 'picture', source })} aria-label={`Open ${source}`} tabIndex={-1}>
        <Thumb source={source} />
      </a>
      <div>
        <p class="name" title={source}>
          <span class="folder">{folder}</span>
          {name}
        </p>
        <AltField source={source} {...field} />
      </div>
    </div>
  )
}

const NO_PLACE =
  "Nothing that is set here can be kept yet: add overrides: './pictures.json' to the configuration and start the studio again."

const focusField = (index: number): void =>
  document.querySelector<HTMLElement>(`[data-place="${index}"] textarea`)?.focus()
