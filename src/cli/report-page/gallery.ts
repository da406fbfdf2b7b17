import { FORMATS } from '../../core/format.ts'
import type { Way } from '../../render/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { formatBytes, formatCount, formatSeconds } from '../format-numbers.ts'
import { type Html, html } from './html-parts.ts'
import type { BuildRecord, ShownResult, ShownSource } from './record.ts'

/** What a gallery shows. */
export interface Gallery {
  readonly record: Pick<BuildRecord, 'gallery' | 'unshown'>
  /** The address of a result: relative to the page, or a URL. */
  readonly linkOf: (key: VariantKey) => string
  /** Pictures that are part of the page, as data URLs. */
  readonly held: ReadonlyMap<VariantKey, string>
}

/** How many sources are open when the page is loaded. */
const OPEN_SOURCES = 12

/** Bytes of pictures in a page: few enough to send it, and to open it on a phone. */
export const HELD_BYTES = 1024 * 1024

/**
 * For each source one transform, in all of its formats, to compare them: the largest one for which the page has space,
 * if all open sources get the same space.
 */
export const chooseShown = (gallery: readonly ShownSource[]): readonly (readonly ShownResult[])[] => {
  const share = HELD_BYTES / Math.min(OPEN_SOURCES, Math.max(1, gallery.length))
  return gallery.map(({ results }) => chooseGroup(groupByTransform(results), share))
}

const chooseGroup = (
  groups: readonly (readonly ShownResult[])[],
  mostBytes: number,
): readonly ShownResult[] => {
  const [least = [], ...others] = [...groups].sort((a, b) => bytesOf(a) - bytesOf(b))
  return others.findLast((group) => bytesOf(group) <= mostBytes) ?? least
}

const bytesOf = (group: readonly ShownResult[]): number =>
  group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

/** The gallery's part of the page. */
export const writeGallery = (page: Gallery): Html => {
  const { gallery, unshown } = page.record
  const shown = chooseShown(gallery)
  const isElsewhere = shown.some((group) => group.some(({ key }) => !page.held.has(key)))
  return html`<h2>Gallery</h2>
<p class="when">One size of each picture, in every format beside each other; a click shows it in full. The sizes of all files stand below it.${
    isElsewhere
      ? ' The first pictures are part of this page; the others are shown from where the results are.'
      : ''
  }</p>
${gallery.map((source, index) => writeSource(source, { isOpen: index < OPEN_SOURCES, shown: shown[index] ?? [] }, page))}
${unshown > 0 ? html`<p class="when">${formatCount(unshown, 'more source')} not shown.</p>` : ''}`
}

const writeSource = (
  { source, sizeBytes, megapixels, elapsedMs, results }: ShownSource,
  { isOpen, shown }: { readonly isOpen: boolean; readonly shown: readonly ShownResult[] },
  page: Gallery,
): Html => {
  const facts = [
    formatCount(results.length, 'result'),
    ...(sizeBytes > 0 ? [formatBytes(sizeBytes)] : []),
    ...(megapixels > 0 ? [`${megapixels.toFixed(1)} MP`, formatSeconds(elapsedMs / 1000)] : []),
  ].join(' · ')
  return html`<details${isOpen ? { html: ' open' } : ''}><summary>${source}<span>${facts}</span></summary>
<div class="variants">${shown.map((result) => writeVariant(result, page))}</div>
<div class="sizes"><table>${groupByTransform(results).map((group) => writeRow(group, page))}</table></div></details>
`
}

const writeVariant = ({ key, format, sizeBytes }: ShownResult, { linkOf, held }: Gallery): Html =>
  html`<a href="${linkOf(key)}"><img ${held.has(key) ? 'decoding' : 'loading'}="${held.has(key) ? 'async' : 'lazy'}" src="${held.get(key) ?? linkOf(key)}" alt="${transformOf(key)}.${format}"><b class="${format}"></b>${format} <i>${transformOf(key)}, ${formatBytes(sizeBytes)}</i></a>
`

/** Every file of one transform, with its size. */
const writeRow = (group: readonly ShownResult[], { linkOf }: Gallery): Html =>
  html`<tr><th>${group[0] === undefined ? '' : transformOf(group[0].key)}${group.map(
    ({ key, format, sizeBytes, isKept, made }) =>
      html`<td><a href="${linkOf(key)}"><b class="${format}"></b>${format} ${formatBytes(sizeBytes)}</a>${isKept ? ', already stored' : ''}${made ? sayHow(made, sizeBytes) : ''}`,
  )}</tr>
`

/** What a search saved and how good the result looks; or why a file is not encoded in the usual way. */
const sayHow = ({ reached, way, instead }: NonNullable<ShownResult['made']>, sizeBytes: number): string => {
  const parts: string[] = []
  if (way !== undefined && instead !== undefined)
    parts.push(
      way === 'whole-chroma' && instead < sizeBytes
        ? `${WAYS[way]}, without it looks worse than its quality (${formatBytes(instead)})`
        : `${WAYS[way]}, otherwise ${formatBytes(instead)}`,
    )
  if (reached !== undefined) {
    const { score, number, fixed, fixedBytes } = reached
    const change = fixedBytes - sizeBytes
    parts.push(
      `SSIMULACRA2 ${score.toFixed(1)} with the encoder at ${number}`,
      change === 0
        ? `the usual number`
        : `about ${formatBytes(Math.abs(change))} ${change > 0 ? 'less' : 'more'} than at ${fixed}`,
    )
  }
  return parts.map((part) => `, ${part}`).join('')
}

const WAYS: Readonly<Record<Way, string>> = {
  lossless: 'lossless',
  'near-lossless': 'nearly lossless',
  palette: 'with a palette',
  quantised: 'in 256 colours',
  'whole-chroma': 'with all of its colour',
  original: "the original's own bytes",
}

/** The results of one transform, in all formats, the most compact first. */
const groupByTransform = (results: readonly ShownResult[]): readonly (readonly ShownResult[])[] => {
  const groups = new Map<string, ShownResult[]>()
  for (const result of [...results].sort(byTransform)) {
    const name = transformOf(result.key)
    groups.set(name, [...(groups.get(name) ?? []), result])
  }
  return [...groups.values()]
}

/** The transform in a key: its last segment without signature and ending. */
const transformOf = (key: VariantKey): string =>
  key
    .slice(key.lastIndexOf('/') + 1)
    .split('.')
    .slice(0, -2)
    .join('.')

/** Widths come before boxes; both are sorted by their numbers. */
const byTransform = (a: ShownResult, b: ShownResult): number =>
  Number(isBox(a)) - Number(isBox(b)) ||
  transformOf(a.key).localeCompare(transformOf(b.key), 'en', { numeric: true }) ||
  FORMATS.indexOf(a.format) - FORMATS.indexOf(b.format)

const isBox = ({ key }: ShownResult): boolean => /^[0-9]+x/.test(transformOf(key))
