import { parsePatch } from '../../app/studio/override-patch.ts'
import type { Studio, StudioFile } from '../../app/studio/studio.ts'
import { type Format, isFormat } from '../../core/format.ts'
import { Problem } from '../../core/problem.ts'
import { requireSourceKey, type SourceKey } from '../../core/source-key.ts'
import { MAX_SIDE, parseTransform, type Transform } from '../../core/transform.ts'
import type { Variant } from '../../core/variant.ts'
import type { OutputRequest } from '../../render/port.ts'
import { orAborted } from '../../waiting/signals.ts'

/** What is sent back. */
export type StudioReply =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'shown'; readonly shown: StudioFile }
  /** JSON, one value per line, as it becomes known. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<string> }
  | { readonly kind: 'missing' }

/** A request that the guard has accepted. */
interface Question {
  readonly query: URLSearchParams
  readonly body: unknown
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

type Answer = (studio: Studio, question: Question) => StudioReply | Promise<StudioReply>

const json = (value: unknown): StudioReply => ({ kind: 'json', value })
const shown = (file: StudioFile | undefined): StudioReply =>
  file === undefined ? { kind: 'missing' } : { kind: 'shown', shown: file }

/** All requests that are answered; no path leads to a file. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'GET /api/setup': (studio) => json(studio.setup),
  'GET /api/inventory': (studio) => ({ kind: 'lines', lines: studio.inventory().lines() }),
  'POST /api/refresh': (studio) => {
    studio.refresh()
    return json({})
  },
  'GET /api/picture': async (studio, { query, signal }) =>
    json(await studio.picture(readSource(query), signal)),
  'PUT /api/override': async (studio, { query, body, signal }) =>
    json(await studio.change(readSource(query), parsePatch(body), signal)),
  'GET /api/thumb': async (studio, { query, signal }) => shown(await studio.thumb(readSource(query), signal)),
  'GET /api/stored': async (studio, { query, signal }) =>
    shown(await studio.stored(readResult(query), signal)),
  'GET /api/rendered': async (studio, { query, signal }) =>
    shown(await studio.rendered(readResult(query), { wantsScore: query.has('score'), signal })),
  'GET /api/reference': async (studio, { query, signal }) =>
    shown(await studio.reference({ source: readSource(query), transform: readTransform(query) }, signal)),
  'GET /api/looks': async (studio, { query, signal }) =>
    json(await studio.looks(readSource(query), readOutputs(query), signal)),
  'GET /api/totals': async (studio, { signal }) => {
    await orAborted(studio.inventory().ended, signal)
    return json(studio.totals())
  },
  'GET /api/predict': (studio, { query }) => {
    const format = query.get('format')
    if (format !== null) return json(studio.predict({ kind: 'format', format: readFormatChoice(format) }))
    const formats = query.getAll('formats').map(readFormatChoice)
    return json(studio.predict({ kind: 'width', width: readWidth(query.get('width')), formats }))
  },
  'GET /api/visits': async (studio, { signal }) => json((await studio.visits(signal)) ?? null),
}

/** What answers a request; undefined for an unknown one. */
export const findAnswer = (method: string, path: string): Answer | undefined => {
  const name = `${method} ${path}`
  return Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined
}

const readSource = (query: URLSearchParams): SourceKey => requireSourceKey(query.get('source') ?? '')

const readTransform = (query: URLSearchParams): Transform => {
  const text = query.get('transform') ?? ''
  const transform = parseTransform(text)
  if (transform === undefined) throw wrong('transform', text)
  return transform
}

const readResult = (query: URLSearchParams): Variant => {
  const format = query.get('format') ?? ''
  if (!isFormat(format)) throw wrong('format', format)
  return { source: readSource(query), transform: readTransform(query), format }
}

/** `640w.q80.webp`, any number of them. */
const readOutputs = (query: URLSearchParams): readonly OutputRequest[] => {
  const texts = query.getAll('output')
  if (texts.length === 0 || texts.length > MOST_OUTPUTS)
    throw wrong('number of outputs', String(texts.length))
  return texts.map((text) => {
    const dot = text.lastIndexOf('.')
    const [transform, format] = [parseTransform(text.slice(0, dot)), text.slice(dot + 1)]
    if (transform === undefined || !isFormat(format)) throw wrong('output', text)
    return { transform, format }
  })
}

const MOST_OUTPUTS = 64

const readFormatChoice = (text: string): Exclude<Format, 'svg'> | 'original' => {
  if (text === 'original') return text
  if (!isFormat(text) || text === 'svg') throw wrong('format', text)
  return text
}

const readWidth = (text: string | null): number => {
  const width = Number(text)
  if (text === null || !Number.isInteger(width) || width < 1 || width > MAX_SIDE)
    throw wrong('width', text ?? '')
  return width
}

const wrong = (what: string, text: string): Problem =>
  new Problem('option-invalid', `${JSON.stringify(text)} is no ${what}.`)
