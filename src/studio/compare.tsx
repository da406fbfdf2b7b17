import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { LookView, PictureView, ResultView } from '../app/studio/protocol.ts'
import { type ComparedTransform, nameApart, type Side } from './comparison.ts'
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
  const own = view.results.filter((result) => result.transform === shown.transform && result.format !== 'svg')
  const [first] = own
  const lookOf = (side: Side): number | undefined => looks.get(`${shown.transform}.${side}`)?.score
  const [zoom, setZoom] = useState<Zoom>('fit')
  const [at, setAt] = useState(50)
  const left = useFile(toWanted(view, shown.transform, shown.left))
  const right = useFile(
    toWanted(view, shown.transform, shown.right, quality),
    quality === undefined ? 0 : 150,
  )
  const transforms = [
    ...new Map(
      view.results.filter(({ format }) => format !== 'svg').map((result) => [result.transform, result]),
    ).values(),
  ]
  const names = nameApart(transforms)
  return (
    <section class="compare card" aria-labelledby="compare">
      <h2 id="compare" class="unseen">
        Compare
      </h2>
      <div class="tools">
        <label>
          Size{' '}
          <select
            value={shown.transform}
            onChange={({ currentTarget: { value } }) =>
              choose({ transform: value, ...keepSides(view, value, shown) })
            }
          >
            {transforms.map(({ transform }, place) => (
              <option key={transform} value={transform}>
                {names[place]}
              </option>
            ))}
          </select>
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
        size={{ width: first?.width ?? 1, height: first?.height ?? 1 }}
        zoom={zoom}
        at={at}
        setAt={setAt}
        left={left}
        right={right}
        words={[wordOf(shown.left), wordOf(shown.right)]}
      />
      <input
        class="divider"
        type="range"
        min="0"
        max="100"
        step="0.5"
        value={at}
        aria-label={`Line between ${wordOf(shown.left)} and ${wordOf(shown.right)}`}
        aria-valuetext={`${Math.round(at)} % ${wordOf(shown.left)}`}
        onInput={({ currentTarget }) => setAt(Number(currentTarget.value))}
      />
      <div class="sides">
        <SidePicker
          label="Left"
          side={shown.left}
          formats={own}
          fetched={left}
          look={lookOf(shown.left)}
          onChange={(side) => choose({ left: side })}
        />
        <SidePicker
          label="Right"
          side={shown.right}
          formats={own}
          fetched={right}
          look={quality === undefined ? lookOf(shown.right) : undefined}
          quality={quality}
          onChange={(side) => choose({ right: side })}
        />
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
): FileRequest | undefined => {
  if (side === 'original') return { path: 'reference', parameters: { source, transform } }
  const result = results.find((each) => each.transform === transform && each.format === side)
  if (quality !== undefined)
    return {
      path: 'rendered',
      parameters: { source, transform: withQuality(transform, quality), format: side, score: '' },
    }
  const path = result?.bytes === undefined ? 'rendered' : 'stored'
  return { path, parameters: { source, transform, format: side, ...(path === 'rendered' && { score: '' }) } }
}

interface SidePickerProps {
  readonly label: string
  readonly side: Side
  readonly formats: readonly ResultView[]
  readonly fetched: Fetched
  readonly look: number | undefined
  readonly quality?: number | undefined
  readonly onChange: (side: Side) => void
}

const SidePicker = ({ label, side, formats, fetched, look, quality, onChange }: SidePickerProps) => (
  <div class={`side ${label.toLowerCase()}`}>
    <select
      aria-label={`${label} picture`}
      value={side}
      onChange={({ currentTarget }) => onChange(currentTarget.value as Side)}
    >
      <option value="original">Original</option>
      {formats.map(({ format, state }) => (
        <option key={format} value={format}>
          {format.toUpperCase()}
          {state === 'built' ? '' : ` (${state}: as it would be)`}
        </option>
      ))}
    </select>
    <p role="status">
      {fetched.problem ??
        (fetched.isLoading ? 'rendering …' : side === 'original' ? '' : describe(fetched, look, quality))}
    </p>
  </div>
)

const describe = ({ file }: Fetched, look: number | undefined, quality: number | undefined): string =>
  file === undefined
    ? ''
    : [
        formatBytes(file.bytes),
        wordLook(file.score ?? look),
        quality === undefined ? undefined : `at quality ${quality}`,
      ]
        .filter((part) => part !== undefined)
        .join(' · ')

const wordLook = (score: number | undefined): string | undefined =>
  score === undefined ? undefined : `look ${formatScore(score)}`

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
  const isPixelated = zoom === 2 || zoom === 4
  return (
    <div ref={stage} class="stage">
      <section
        ref={scroller}
        class={isPixelated ? 'scroller pixelated' : 'scroller'}
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
      <span class="tag" aria-hidden="true">
        {words[0]}
      </span>
      <span class="tag end" aria-hidden="true">
        {words[1]}
      </span>
      <div class="line" style={{ left: `${at}%` }} aria-hidden="true" {...moveLine} />
    </div>
  )
}
