import type { NginxDialectInput } from '../config/nginx-dialect.ts'
import { MAX_SIDE } from '../core/resize.ts'
import { compileUrlForm } from '../core/url-form.ts'
import type { NginxChoice, NginxLocation } from './nginx-blocks.ts'
import { type Group, joinsEnding, names, type UrlForm } from './nginx-pattern.ts'

/** URLs of one form, and the sides that they do not name. */
export type SizedUrls = Pick<NginxDialectInput, 'prefix' | 'form' | 'width' | 'height'>

/**
 * The URLs for which `image_filter` has these arguments, `resize 300 $height`: of one form, or of one for each name by
 * which sizes are chosen; names that are left out are noted. Else a text that says why there is none.
 */
export const readSizes = (
  [, width = '', height = '']: readonly string[],
  form: UrlForm,
  location: NginxLocation,
  notes: string[],
): readonly SizedUrls[] | string => {
  const listed = findListed(form, [width, height], location)
  if (listed !== undefined) {
    const each = listed.alternatives.map((text) =>
      readSizes(
        ['', ...[width, height].map((side) => (names(side, listed) ? text : side))],
        replaceGroup(form, listed, text),
        location,
        notes,
      ),
    )
    return (
      each.find((urls) => typeof urls === 'string') ??
      each.flatMap((urls) => (typeof urls === 'string' ? [] : urls))
    )
  }
  const choices = [width, height].map((text) => findChoice(text, location))
  const [by, ...others] = new Set(choices.flatMap((choice) => choice?.from ?? []))
  const ways = by === undefined ? [{ form }] : listNamed(by, choices, form)
  const found = ways.flatMap((way) => {
    const textOf = (text: string, choice: NginxChoice | undefined): string =>
      choice === undefined ? text : (choice.values.get(way.name ?? '') ?? choice.otherwise)
    const urls = toUrls([textOf(width, choices[0]), textOf(height, choices[1])], way, location)
    return urls === undefined ? [] : [{ name: way.name, urls }]
  })
  if (found.length > 0 && others.length === 0) {
    const told = found.map(({ name }) => name ?? 'any other')
    const unread = choices
      .flatMap((choice) => [...(choice?.values.keys() ?? [])])
      .filter((name) => !isName(name))
    const but = unread.length > 0 ? `, not for ${[...new Set(unread)].join(', ')}` : ''
    if (by !== undefined)
      notes.push(`${location.name}: sizes by ${by} are answered for ${told.join(', ')}${but}.`)
    return found.map(({ urls }) => urls)
  }
  return /^[\d-]+$/.test(width + height)
    ? `its size ${width}x${height} is that of all URLs: make it one of \`sizes\`.`
    : `its size ${width}x${height} is not that of a path such as /t/300x200/…, nor an argument of one.`
}

/** A part of URLs that is one of a few texts, sizes or folders, and chooses nothing else. */
const findListed = (form: UrlForm, sides: readonly string[], location: NginxLocation): Group | undefined => {
  if (form.kind === 'plain') return undefined
  const chosenBy = sides.map((side) => findChoice(side, location)?.from ?? '')
  const listed = form.pieces.filter(
    (piece): piece is Group =>
      isGroup(piece) &&
      piece !== form.path &&
      piece !== form.ending &&
      piece.alternatives.length > 0 &&
      !chosenBy.some((by) => names(by, piece)) &&
      (!sides.some((side) => names(side, piece)) || piece.alternatives.every((text) => /^\d+$/.test(text))),
  )
  const count = listed.reduce((product, { alternatives }) => product * alternatives.length, 1)
  return count > MOST_LISTED ? undefined : listed[0]
}

/** Each is a dialect of its own. */
const MOST_LISTED = 50

const replaceGroup = (form: UrlForm, group: Group, text: string): UrlForm =>
  form.kind === 'plain'
    ? form
    : { ...form, pieces: form.pieces.map((piece) => (piece === group ? text : piece)) }

const findChoice = (text: string, { choice }: NginxLocation): NginxChoice | undefined => {
  const found = choice(nameOf(text))
  return found !== undefined && found.values.size > 0 ? found : undefined
}

const nameOf = (text: string): string => /^\$\{?(\w+)\}?$/.exec(text)?.[1] ?? ''

/** A form of URLs; of those with a name of a size, the name, and the argument that it is. */
interface Way {
  readonly form: UrlForm
  readonly name?: string
  readonly arg?: string
}

const listNamed = (
  by: string,
  choices: readonly (NginxChoice | undefined)[],
  form: UrlForm,
): readonly Way[] => {
  const chosen = [...new Set(choices.flatMap((choice) => [...(choice?.values.keys() ?? [])]))]
  const [, arg] = /^\$arg_(\w+)$/.exec(by) ?? []
  // What names no size is asked last: it is of the same form without the argument.
  if (arg !== undefined) return [...chosen.filter(isName).map((name) => ({ form, name, arg })), { form }]
  const group =
    form.kind === 'pattern' ? form.pieces.find((piece) => isGroup(piece) && names(by, piece)) : undefined
  if (form.kind === 'plain' || !isGroup(group)) return []
  const possible = group.alternatives.length > 0 ? group.alternatives : chosen.filter(isName)
  return possible.map((name) => ({
    form: replaceGroup(form, group, name),
    name,
  }))
}

const isGroup = (piece: string | Group | undefined): piece is Group => typeof piece === 'object'

/** What may stand in the prefix of a dialect, and as an argument; a `map` may also hold patterns. */
const isName = (name: string): boolean => /^[\w-]+$/.test(name)

/** What URLs have where a dialect says no form. */
export const USUAL_FORM = '{width}x{height}/{path}'

/** Undefined where the sides are not parts of these URLs, nor fixed. */
const toUrls = (
  [width, height]: readonly [string, string],
  { form, name, arg }: Way,
  location: NginxLocation,
): SizedUrls | undefined => {
  const sides = Object.entries(width === height ? { size: width } : { width, height })
  const inUrl = sides.filter(([, text]) => text.startsWith('$'))
  const args = inUrl.flatMap(([side, text]) => {
    const [, argument] = /^arg_(\w+)$/.exec(nameOf(text)) ?? []
    return argument === undefined ? [] : [`${argument}={${side}}`]
  })
  if (arg !== undefined) args.unshift(`${arg}=${name}`)
  const pieces = listPieces(form, inUrl, isStem(location, form))
  const [, folders = '', rest = ''] = /^((?:[\w.~-]+\/)*)(.*)$/s.exec(pieces.join('')) ?? []
  const text = [rest, ...(args.length > 0 ? [args.join('&')] : [])].join('?')
  const isWhole = inUrl.every(([side]) => text.includes(`{${side}}`)) && !pieces.includes(undefined)
  const prefix = form.prefix + folders
  const fixed = {
    ...toSide('width', location.choice(nameOf(width))?.otherwise ?? width),
    ...toSide('height', location.choice(nameOf(height))?.otherwise ?? height),
  }
  const isSized = inUrl.length > 0 || Object.keys(fixed).length > 0
  // That would be every URL, pages and keys among them.
  const isAnyUrl = prefix === '/' && text === '{path}'
  if (!isWhole || !isSized || isAnyUrl || compileUrlForm(text) === undefined) return undefined
  return { prefix, ...(text !== USUAL_FORM && { form: text }), ...fixed }
}

const toSide = <Side extends string>(side: Side, text: string): Partial<Record<Side, number>> =>
  /^[1-9]\d*$/.test(text)
    ? ({ [side]: Math.min(Number(text), MAX_SIDE) } as Partial<Record<Side, number>>)
    : {}

/** The parts of a form; undefined for what no part of one is. */
const listPieces = (
  form: UrlForm,
  inUrl: readonly (readonly [side: string, text: string])[],
  isStem: boolean,
): readonly (string | undefined)[] =>
  form.kind === 'plain'
    ? ['{path}']
    : form.pieces.map((piece) => {
        if (typeof piece === 'string') return piece
        if (piece === form.path) return isStem ? '{stem}' : '{path}'
        if (piece === form.ending) return '{ending}'
        const [side] =
          ((piece.takes('120') || piece.takes('1200')) && inUrl.find(([, text]) => names(text, piece))) || []
        return side === undefined ? undefined : `{${side}}`
      })

/** Whether the original has the ending of its URL, behind a path without one. */
const isStem = ({ own }: NginxLocation, form: UrlForm): boolean =>
  joinsEnding(
    own.flatMap(({ name, args }) => (/^(?:alias|proxy_pass|try_files)$/.test(name) ? args : [])),
    form,
  )
