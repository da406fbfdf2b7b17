import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LookView, PictureView, ResultState, ResultView } from '../app/studio/protocol.ts'
import { compact } from '../core/defined.ts'
import type { Format } from '../core/format.ts'
import { type ComparedTransform, nameApart, type Side } from './comparison.ts'
import { Select } from './fields.tsx'
import { formatBytes, formatScore } from './format-text.ts'
import { withQuality } from './qualities.ts'
import { useDrag } from './use-drag.ts'
import { type FetchedFile as Fetched, type FileRequest, useFile } from './use-shown.ts'

/** CSS pixels for a pixel of the device, or as large as fits. */
const ZOOMS = ['fit', 1, 2, 4] as const

type Zoom = (typeof ZOOMS)[number]

interface CompareProps {
  readonly view: PictureView
  readonly shown: ComparedTransform
  readonly looks: ReadonlyMap<string, LookView>
  /** The quality of the right one, if it differs from its own. */
  readonly quality: number | undefined
  readonly choose: (change: Partial<ComparedTransform>) => void
}

/** Two renderings of the same pixels, one over the other, divided by a line that can be moved. */
export const Compare = ({ view, shown, quality, looks, choose }: CompareProps) => {
  const [zoom, setZoom] = useState<Zoom>('fit')
  const [at, setAt] = useState(50)
  const left = useFile(toWanted(view, shown.transform, shown.left))
  const right = useFile(
    toWanted(view, shown.transform, shown.right, quality),
    quality === undefined ? 0 : 150,
  )
  const drawn = view.results.filter(({ format }) => format !== 'svg')
  const own = drawn.filter(({ transform }) => transform === shown.transform)
  const transforms = [...new Map(drawn.map((result) => [result.transform, result])).values()]
  const names = nameApart(transforms)
  const words = [wordOf(shown.left), wordOf(shown.right)] as const
  const sides = [
    { label: 'Left', side: shown.left, fetched: left, choose: (left: Side) => choose({ left }) },
    {
      label: 'Right',
      side: shown.right,
      fetched: right,
      quality,
      choose: (right: Side) => choose({ right }),
    },
  ]
  return (
    <section class="compare card" aria-labelledby="compare">
      <h2 id="compare" class="unseen">
        Compare
      </h2>
      <div class="tools">
        <label>
          Size{' '}
          <Select
            value={shown.transform}
            options={transforms.map(({ transform }, place) => [transform, names[place] ?? ''])}
            choose={(transform) => choose({ transform, ...keepSides(view, transform, shown) })}
          />
        </label>
        <fieldset class="segments">
          <legend class="unseen">Zoom</legend>
          {ZOOMS.map((each) => (
            <label key={each}>
              <input type="radio" name="zoom" checked={zoom === each} onChange={() => setZoom(each)} />
              <span>{each === 'fit' ? 'Fit' : `${each * 100} %`}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <Stage
        size={{ width: own[0]?.width ?? 1, height: own[0]?.height ?? 1 }}
        zoom={zoom}
        at={at}
        setAt={setAt}
        left={left}
        right={right}
        words={words}
      />
      <input
        class="divider"
        type="range"
        min="0"
        max="100"
        step="0.5"
        value={at}
        aria-label={`Line between ${words[0]} and ${words[1]}`}
        aria-valuetext={`${Math.round(at)} % ${words[0]}`}
        onInput={({ currentTarget }) => setAt(Number(currentTarget.value))}
      />
      <div class="sides">
        {sides.map((each) => (
          <SidePicker
            key={each.label}
            {...each}
            formats={own}
            look={looks.get(`${shown.transform}.${each.side}`)?.score}
          />
        ))}
      </div>
    </section>
  )
}

const wordOf = (side: Side): string => (side === 'original' ? 'original' : side.toUpperCase())

/** The same sides, if the other size has these formats. */
const keepSides = (
  { results }: PictureView,
  transform: string,
  { left, right }: ComparedTransform,
): Pick<ComparedTransform, 'left' | 'right'> => {
  const formats = results.filter((result) => result.transform === transform).map(({ format }) => format)
  const keep = (side: Side, fallback: Side): Side =>
    side === 'original' || formats.includes(side) ? side : fallback
  return { left: keep(left, 'original'), right: keep(right, formats[0] ?? 'original') }
}

/** A stored result is shown as it is; a missing one, or one at another quality, as it would be. */
const toWanted = (
  { source, results }: PictureView,
  transform: string,
  side: Side,
  quality?: number,
): FileRequest => {
  if (side === 'original') return { path: 'reference', parameters: { source, transform } }
  const result = results.find((each) => each.transform === transform && each.format === side)
  if (quality === undefined && result?.bytes !== undefined)
    return { path: 'stored', parameters: { source, transform, format: side } }
  const shown = quality === undefined ? transform : withQuality(transform, quality)
  return { path: 'rendered', parameters: { source, transform: shown, format: side, score: '' } }
}

interface SidePickerProps {
  readonly label: string
  readonly side: Side
  readonly formats: readonly ResultView[]
  readonly fetched: Fetched
  readonly look: number | undefined
  readonly quality?: number | undefined
  readonly choose: (side: Side) => void
}

const SidePicker = ({ label, side, formats, fetched, look, quality, choose }: SidePickerProps) => (
  <div class={`side ${label.toLowerCase()}`}>
    <Select
      label={`${label} picture`}
      value={side}
      options={[
        ['original', 'Original'],
        ...formats.map(({ format, state }) => [format, describeFormat(format, state)] as const),
      ]}
      choose={(value) => choose(value as Side)}
    />
    <p role="status">
      {fetched.problem ??
        (fetched.isLoading ? 'rendering …' : side === 'original' ? '' : describe(fetched, look, quality))}
    </p>
  </div>
)

const describeFormat = (format: Format, state: ResultState): string =>
  `${format.toUpperCase()}${state === 'built' ? '' : ` (${state}: as it would be)`}`

/** `look`: of the file at its own quality. */
const describe = ({ file }: Fetched, look: number | undefined, quality: number | undefined): string => {
  if (file === undefined) return ''
  const score = file.score ?? (quality === undefined ? look : undefined)
  return compact(
    formatBytes(file.bytes),
    score !== undefined && `look ${formatScore(score)}`,
    quality !== undefined && `at quality ${quality}`,
  ).join(' · ')
}

interface StageProps {
  readonly size: { readonly width: number; readonly height: number }
  readonly zoom: Zoom
  readonly at: number
  readonly setAt: (at: number) => void
  readonly left: Fetched
  readonly right: Fetched
  readonly words: readonly [string, string]
}

const Stage = ({ size, zoom, at, setAt, left, right, words }: StageProps) => {
  const stage = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState({ width: 0, height: 0 })
  const [pan, setPan] = useState({ left: 0, top: 0 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const measure = (): void => setRoom({ width: element.clientWidth, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const trueScale = 1 / devicePixelRatio
  const fit = Math.min(trueScale, room.width / size.width, room.height / size.height)
  const scale = zoom === 'fit' ? fit : zoom * trueScale
  const box = { width: size.width * scale, height: size.height * scale }
  const inset = {
    left: Math.max(0, (room.width - box.width) / 2),
    top: Math.max(0, (room.height - box.height) / 2),
  }
  // Where the line falls on the picture, wherever that has been moved to.
  const cut = Math.min(box.width, Math.max(0, (at / 100) * room.width + pan.left - inset.left))
  const panBy = useDrag(({ dx, dy }) => scroller.current?.scrollBy(-dx, -dy), { takesTouch: false })
  const moveLine = useDrag(({ x }) => {
    const rect = stage.current?.getBoundingClientRect()
    if (rect !== undefined) setAt(Math.min(100, Math.max(0, ((x - rect.left) / rect.width) * 100)))
  })
  const style = {
    width: `${box.width}px`,
    height: `${box.height}px`,
    left: `${inset.left}px`,
    top: `${inset.top}px`,
  }
  return (
    <div ref={stage} class="stage">
      <section
        ref={scroller}
        class={zoom === 2 || zoom === 4 ? 'scroller pixelated' : 'scroller'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
        tabIndex={0}
        aria-label="The pictures compared"
        onScroll={({ currentTarget }) =>
          setPan({ left: currentTarget.scrollLeft, top: currentTarget.scrollTop })
        }
        {...panBy}
      >
        {left.file && <img src={left.file.url} alt={words[0]} style={style} draggable={false} />}
        {right.file && (
          <img
            src={right.file.url}
            alt={words[1]}
            style={{ ...style, clipPath: `inset(0 0 0 ${cut}px)` }}
            draggable={false}
          />
        )}
      </section>
      {words.map((word, end) => (
        <span key={end} class={end ? 'tag end' : 'tag'} aria-hidden="true">
          {word}
        </span>
      ))}
      <div class="line" style={{ left: `${at}%` }} aria-hidden="true" {...moveLine} />
    </div>
  )
}
