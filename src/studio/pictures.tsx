import { useMemo, useRef, useState } from 'preact/hooks'
import type { Setup } from '../app/studio/protocol.ts'
import type { Format } from '../core/format.ts'
import { STATE_WORDS, StateMark } from './cells.tsx'
import { Check, Select } from './fields.tsx'
import { formatBytes, formatNumber, formatPictureCount, splitSourceName } from './format-text.ts'
import { toHash } from './route.ts'
import { type Filter, findSources, listFormats, NO_FILTER, type PictureState, stateOf } from './sources.ts'
import { Thumb } from './thumb.tsx'
import type { PageProps } from './use-sources.ts'
import { VirtualGrid } from './virtual-grid.tsx'

const RULES = { leastTile: 168, gap: 12, ratio: 0.75, captionHeight: 46 } as const

/** Where the reader was last, to return there. */
let left: string | undefined

interface PicturesPageProps extends PageProps {
  readonly filter: Filter
  readonly setFilter: (filter: Filter) => void
}

/** Every picture as a tile, with the state of its results. */
export const PicturesPage = ({ setup, inventory, filter, setFilter }: PicturesPageProps) => {
  const { sources, version } = inventory
  const found = useMemo(() => findSources(sources, filter), [sources, version, filter])
  const { places } = found
  const comesBack = useRef(left !== undefined)
  const [here, setHere] = useState(left)
  left = here
  const nameAt = (index: number): string => sources.names[places[index] ?? -1] ?? ''
  const current =
    here === undefined
      ? 0
      : Math.max(
          0,
          places.findIndex((_, index) => nameAt(index) === here),
        )
  return (
    <div class="pictures">
      <h1 class="unseen">Pictures</h1>
      <FilterBar
        setup={setup}
        filter={filter}
        setFilter={setFilter}
        found={found}
        formats={listFormats(sources)}
        whole={sources.names.length}
      />
      {places.length === 0 ? (
        <Nothing sources={sources} setFilter={setFilter} />
      ) : (
        <VirtualGrid
          label="Pictures"
          count={places.length}
          rules={RULES}
          keyOf={nameAt}
          current={current}
          takesFocus={comesBack.current}
          onMove={(index) => setHere(nameAt(index))}
          cell={(index, isCurrent) => {
            const place = places[index] ?? -1
            return (
              <Tile
                source={nameAt(index)}
                bytes={sources.bytes[place] ?? 0}
                state={stateOf(sources.patterns[sources.patternOf[place] ?? -1] ?? [], filter)}
                why={sources.whys.get(place)}
                isCurrent={isCurrent}
              />
            )
          }}
        />
      )}
    </div>
  )
}

interface TileProps {
  readonly source: string
  readonly bytes: number
  readonly state: PictureState
  readonly why: string | undefined
  readonly isCurrent: boolean
}

const Tile = ({ source, bytes, state, why, isCurrent }: TileProps) => {
  const [folder, name] = splitSourceName(source)
  return (
    <a
      class="tile"
      data-cell
      href={toHash({ kind: 'picture', source })}
      tabIndex={isCurrent ? 0 : -1}
      title={why === undefined ? source : `${source}\n${why}`}
      onClick={() => {
        left = source
      }}
    >
      <Thumb source={source} />
      <span class="name">
        <span class="unseen">{folder}</span>
        {name}
      </span>
      <span class="facts">
        <StateMark state={state} />
        <span>{formatBytes(bytes)}</span>
      </span>
      {why !== undefined && <span class="unseen">{why}</span>}
    </a>
  )
}

const STATES: readonly PictureState[] = ['built', 'missing', 'stale', 'failing', 'none']

interface FilterBarProps {
  readonly setup: Setup
  readonly filter: Filter
  readonly setFilter: (filter: Filter) => void
  readonly found: ReturnType<typeof findSources>
  readonly formats: readonly Format[]
  readonly whole: number
}

const FilterBar = ({ setup, filter, setFilter, found, formats, whole }: FilterBarProps) => {
  const set = (change: Partial<Filter>): void => setFilter({ ...filter, ...change })
  const total = STATES.reduce((sum, state) => sum + found.counts[state], 0)
  return (
    <search class="filters" aria-label="Which pictures">
      <input
        type="search"
        aria-label="Search names"
        placeholder="Search names"
        value={filter.search}
        onInput={({ currentTarget }) => set({ search: currentTarget.value })}
      />
      <Select
        label="Size"
        value={filter.size}
        options={[['', 'All sizes'], ...setup.sizes.map(({ name }) => [name, name] as const)]}
        choose={(size) => set({ size })}
      />
      <Select
        label="Format"
        value={filter.format}
        options={[['', 'All formats'], ...formats.map((format) => [format, format] as const)]}
        choose={(format) => set({ format })}
      />
      <fieldset class="chips">
        <legend class="unseen">State</legend>
        {(['', ...STATES.filter((state) => found.counts[state] > 0 || filter.state === state)] as const).map(
          (state) => (
            <label key={state}>
              <input
                type="radio"
                name="state"
                checked={filter.state === state}
                onChange={() => set({ state })}
              />
              <span>
                {state === '' ? 'all' : <StateMark state={state} />}{' '}
                <i>{formatNumber(state === '' ? total : found.counts[state])}</i>
              </span>
            </label>
          ),
        )}
      </fieldset>
      <Check isOn={filter.lacksAlt} set={(lacksAlt) => set({ lacksAlt })}>
        without alt text
      </Check>
      <p class="count" role="status">
        {found.places.length === whole
          ? formatPictureCount(whole)
          : `${formatNumber(found.places.length)} of ${formatPictureCount(whole)}`}
        {filter.state === '' ? '' : `, ${STATE_WORDS[filter.state]}`}
      </p>
    </search>
  )
}

interface NothingProps {
  readonly sources: PageProps['inventory']['sources']
  readonly setFilter: (filter: Filter) => void
}

const Nothing = ({ sources: { end, names }, setFilter }: NothingProps) => {
  if (end === undefined) return <p class="nothing">Reading the pictures …</p>
  if (names.length === 0)
    return (
      <p class="nothing">
        There are no pictures here that <code>include</code> names. See <code>source</code> in the
        configuration.
      </p>
    )
  return (
    <div class="nothing">
      <p>No picture is like that.</p>
      <button type="button" onClick={() => setFilter(NO_FILTER)}>
        Show all pictures
      </button>
    </div>
  )
}
