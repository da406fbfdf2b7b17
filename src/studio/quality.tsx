import { useState } from 'preact/hooks'
import type { LookView, Setup } from '../app/studio/protocol.ts'
import { type Format, isLossy } from '../core/format.ts'
import { askJson } from './api.ts'
import { colourOf, Section } from './cells.tsx'
import { Chart } from './chart.tsx'
import { type ComparedTransform, type Editing, idOf } from './comparison.ts'
import type { QualityCurve } from './curves.ts'
import { Select, sizeOptions } from './fields.tsx'
import { qualityIn, qualityOf, toQualityPatch, withQuality } from './qualities.ts'
import { useReading } from './use-reading.ts'

const QUALITIES = [20, 35, 50, 60, 70, 80, 90, 95] as const

interface QualityProps extends Editing {
  readonly shown: ComparedTransform
  readonly quality: number | undefined
  readonly setQuality: (quality: number, format: Format) => void
}

/** Bytes and score of each format, and a quality to try and to keep. */
export const Quality = ({ view, setup, shown, quality, setQuality, save }: QualityProps) => {
  const own = view.results.filter(({ transform }) => transform === shown.transform)
  const formats = own.map(({ format }) => format).filter(isLossy)
  const [favourite = 'jpg'] = formats
  const format = shown.right !== 'original' && isLossy(shown.right) ? shown.right : favourite
  const configured = qualityOf(shown.transform) ?? setup.quality
  const now = quality ?? configured
  const curves = useCurves(view.source, shown.transform, formats)
  const sizes = [...new Set(own.flatMap((result) => result.sizes))]
  const [size = ''] = sizes
  const [chosen, choose] = useState<string>()
  // One that has been set stands first, so that it is seen, and can be forgotten.
  const target =
    ['', ...sizes].find((name) => name === chosen) ??
    sizes.find((name) => qualityIn(view.override, name) !== undefined) ??
    ''
  const kept = qualityIn(view.override, target)
  const patch = toQualityPatch(view.override, target, now)
  const isSet =
    now === configured &&
    (target !== '' || Object.keys(patch.sizes ?? {}).every((name) => qualityIn(view.override, name) === now))
  if (formats.length === 0) return <p class="card">This size has no format that heeds a quality.</p>
  return (
    <Section id="quality" title="Quality" class="card quality">
      <Chart curves={curves} current={{ format, quality: now }} />
      <fieldset class="segments">
        <legend class="unseen">Format to try</legend>
        {formats.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="format"
              checked={each === format}
              onChange={() => setQuality(now, each)}
            />
            <span style={colourOf(each)}>{each.toUpperCase()}</span>
          </label>
        ))}
      </fieldset>
      <label class="slider">
        <span>
          Quality <output>{now}</output>
        </span>
        <input
          type="range"
          min="1"
          max="100"
          value={now}
          onInput={({ currentTarget }) => setQuality(Number(currentTarget.value), format)}
        />
      </label>
      <div class="actions">
        <label>
          For <Select value={target} options={sizeOptions(sizes)} choose={choose} />
        </label>
        <button
          type="button"
          class="main"
          disabled={isSet}
          onClick={() =>
            save(patch, `Quality ${now} for this picture${target === '' ? '' : `, ${target} alone`}`)
          }
        >
          Use {isSet ? 'another' : now} for this picture
        </button>
        {kept !== undefined && (
          <button
            type="button"
            onClick={() => save(toQualityPatch(view.override, target, null), 'Quality as configured')}
          >
            Forget its own {kept}
          </button>
        )}
      </div>
      <ConfigLine summary={`For all pictures of the size ${size}`} setup={setup}>
        {`sizes: {\n  ${size}: { …, quality: ${now} },\n}`}
      </ConfigLine>
    </Section>
  )
}

/** A curve for each format, one after the other; ended when something else is shown. */
const useCurves = (
  source: string,
  transform: string,
  formats: readonly Format[],
): readonly QualityCurve[] => {
  const [curves, setCurves] = useState<readonly QualityCurve[]>([])
  useReading(
    async (signal) => {
      setCurves([])
      for (const format of formats) {
        const output = QUALITIES.map((quality) =>
          idOf({ transform: withQuality(transform, quality), format }),
        )
        const looks = await askJson<readonly LookView[]>('looks', { source, output }, signal)
        const points = looks.flatMap(({ bytes, score }, place) => {
          const quality = QUALITIES[place]
          if (bytes === undefined || score === undefined || quality === undefined) return []
          return [{ quality, bytes, score }]
        })
        setCurves((before) => [...before, { format, points }])
      }
    },
    [source, transform, formats.join()],
  )
  return curves
}

interface ConfigLineProps {
  readonly summary: string
  readonly setup: Setup
  readonly children: string
}

/** Lines that the user may write into the configuration. */
const ConfigLine = ({ summary, setup, children }: ConfigLineProps) => {
  const [isCopied, setCopied] = useState(false)
  return (
    <details class="line-of-config">
      <summary>{summary}</summary>
      <p>
        In {setup.configFile ?? 'the configuration'}, then run <code>imgsizes build</code>:
      </p>
      <pre>
        <code>{children}</code>
      </pre>
      <button
        type="button"
        onClick={() =>
          navigator.clipboard.writeText(children).then(
            () => setCopied(true),
            () => {},
          )
        }
      >
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </details>
  )
}
