import { useEffect, useRef, useState } from 'preact/hooks'
import type { OverridePatch, PictureView, Setup, SizePatch } from '../app/studio/protocol.ts'
import type { Focus } from '../core/position.ts'
import { Section } from './cells.tsx'
import type { Editing } from './comparison.ts'
import { cropOf, nudge, type Points, within } from './crops.ts'
import { Select, sizeOptions } from './fields.tsx'
import { type History, openHistory, push, redo, undo } from './history.ts'
import { attentionOf, listMarks, placeWords } from './marks.ts'
import { useDrag } from './use-drag.ts'
import { type FetchedFile, useFile } from './use-shown.ts'

/** The picture that points are set on, and crops are cut from. */
const SHEET = '1000x1000.inside.q80'

/** Where every crop is taken: click, drag or arrow keys move the point, and all crops follow. */
export const FocusEditor = ({ view, setup, save }: Editing) => {
  const sizes = setup.sizes.filter(
    ({ name, isCropped }) =>
      isCropped && view.results.some((result) => result.format !== 'svg' && result.sizes.includes(name)),
  )
  const saved = readPoints(view)
  const [history, setHistory] = useState<History<Points>>(() => openHistory(saved))
  const [target, setTarget] = useState('')
  const sheet = useFile({
    path: 'rendered',
    parameters: { source: view.source, transform: SHEET, format: 'webp' },
  })
  const savedText = JSON.stringify(saved)
  // What others have written, and what was saved here, is where the next steps begin.
  useEffect(
    () =>
      setHistory((before) => (JSON.stringify(before.present) === savedText ? before : openHistory(saved))),
    [savedText],
  )
  if (sizes.length === 0) return undefined
  const { present } = history
  const set = (focus: Focus | undefined, isSameStep = false): void =>
    setHistory((before) => push(before, withPoint(before.present, target, focus), isSameStep))
  const own = target === '' ? present.all : present.sizes[target]
  const isSet = (own ?? present.all) !== undefined
  const isChanged = JSON.stringify(present) !== savedText
  const step = (move: (history: History<Points>) => History<Points>) => () => setHistory(move)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return
    event.preventDefault()
    setHistory(event.shiftKey ? redo : undo)
  }
  return (
    <Section id="focus" title="Crops" class="card focus" onKeyDown={onKeyDown}>
      <div class="tools">
        <label>
          Point for{' '}
          <Select value={target} options={sizeOptions(sizes.map(({ name }) => name))} choose={setTarget} />
        </label>
        <button type="button" disabled={history.past.length === 0} onClick={step(undo)}>
          Undo
        </button>
        <button type="button" disabled={history.future.length === 0} onClick={step(redo)}>
          Redo
        </button>
        <button type="button" disabled={own === undefined} onClick={() => set(undefined)}>
          Remove point
        </button>
        <button
          type="button"
          class="main"
          disabled={!isChanged}
          onClick={() => void save(toPatch(saved, present), 'Point')}
        >
          Save
        </button>
      </div>
      <div class="halves">
        <Pad
          view={view}
          sheet={sheet}
          point={own ?? present.all ?? attentionOf(view) ?? { x: 500, y: 500 }}
          isSet={isSet}
          onMove={set}
        />
        <ul class="crops">
          {sizes.map((size) => (
            <Cropped key={size.name} size={size} view={view} points={present} url={sheet.file?.url} />
          ))}
        </ul>
      </div>
    </Section>
  )
}

interface CroppedProps {
  readonly size: Setup['sizes'][number]
  readonly view: PictureView
  readonly points: Points
  readonly url: string | undefined
}

/** What one size shows with these points. */
const Cropped = ({ size: { name, transforms }, view, points: { all, sizes }, url }: CroppedProps) => {
  const picture = { width: view.width ?? 1, height: view.height ?? 1 }
  const points = { focus: sizes[name] ?? all, attention: attentionOf(view) }
  const crop = transforms[0] && cropOf(transforms[0], picture, points)
  if (crop === undefined) return undefined
  const style = {
    width: `${100 / crop.width}%`,
    height: `${100 / crop.height}%`,
    left: `${(-100 * crop.left) / crop.width}%`,
    top: `${(-100 * crop.top) / crop.height}%`,
  }
  return (
    <li>
      <span class="cut" style={{ aspectRatio: String(crop.ratio) }}>
        {url && <img src={url} alt={`${name} as it would be cropped`} draggable={false} style={style} />}
      </span>
      {name} <i>· {sizes[name] ? 'its own point' : all ? 'the point' : 'as configured'}</i>
    </li>
  )
}

const readPoints = ({ override }: PictureView): Points => ({
  ...(override.focus && { all: override.focus }),
  sizes: Object.fromEntries(
    Object.entries(override.sizes ?? {}).flatMap(([name, { focus }]) => (focus ? [[name, focus]] : [])),
  ),
})

const withPoint = ({ all, sizes }: Points, target: string, focus: Focus | undefined): Points => {
  if (target === '') return { ...(focus && { all: focus }), sizes }
  const { [target]: _, ...others } = sizes
  return { ...(all && { all }), sizes: focus === undefined ? others : { ...others, [target]: focus } }
}

/** What has changed, and nothing else. */
const toPatch = (before: Points, after: Points): OverridePatch => {
  const isSame = (a: Focus | undefined, b: Focus | undefined): boolean => a?.x === b?.x && a?.y === b?.y
  const names = [...new Set([...Object.keys(before.sizes), ...Object.keys(after.sizes)])]
  const changed = names.filter((name) => !isSame(before.sizes[name], after.sizes[name]))
  const sizes: Readonly<Record<string, SizePatch>> = Object.fromEntries(
    changed.map((name) => [name, { focus: after.sizes[name] ?? null }]),
  )
  return {
    ...(!isSame(before.all, after.all) && { focus: after.all ?? null }),
    ...(changed.length > 0 && { sizes }),
  }
}

interface PadProps {
  readonly view: PictureView
  readonly sheet: FetchedFile
  readonly point: Focus
  readonly isSet: boolean
  readonly onMove: (focus: Focus, isSameStep?: boolean) => void
}

const Pad = ({ view, sheet: { file, problem }, point, isSet, onMove }: PadProps) => {
  const pad = useRef<HTMLDivElement>(null)
  const ratio = (view.width ?? 1) / (view.height ?? 1)
  const drag = useDrag(({ x, y, isFirst }) => {
    const rect = pad.current?.getBoundingClientRect()
    if (rect === undefined) return
    const [left, top] = [(x - rect.left) / rect.width, (y - rect.top) / rect.height]
    onMove({ x: within(left * 1000), y: within(top * 1000) }, !isFirst)
  })
  const at = ({ x, y }: Focus) => ({ left: `${x / 10}%`, top: `${y / 10}%` })
  const words = placeWords(point)
  const marks = view.subjects ? listMarks(view.subjects) : []
  return (
    <div class="sheet-of" style={{ flexBasis: `calc(420px * ${ratio})` }}>
      <div ref={pad} class="pad" style={{ aspectRatio: String(ratio) }} {...drag}>
        {file && <img src={file.url} alt="" draggable={false} />}
        {marks.flatMap(({ kind, places }) =>
          places.map(({ words, width = 0, height = 0, ...place }) => (
            <span
              key={words}
              class={`mark ${kind}`}
              role="img"
              aria-label={words}
              style={{ ...at(place), ...(width && { width: `${width / 10}%`, height: `${height / 10}%` }) }}
            />
          )),
        )}
        <button
          type="button"
          class={isSet ? 'point' : 'point unset'}
          style={at(point)}
          aria-label={`Point of the crops: ${words}. Arrow keys move it, with Shift further.`}
          onKeyDown={(event) => {
            const next = nudge(point, event.key, event.shiftKey)
            if (next === undefined) return
            event.preventDefault()
            onMove(next, event.repeat)
          }}
        />
      </div>
      <p class="hint" role="status">
        {problem ?? `${isSet ? 'The point is' : 'No point is set; crops go by'} ${words}.`}
      </p>
      <ul class="hint marks" aria-label="Marks">
        {marks.map(({ kind, legend }) => (
          <li key={kind}>
            <span class={`mark ${kind}`} aria-hidden="true" />
            {legend}
          </li>
        ))}
      </ul>
    </div>
  )
}
