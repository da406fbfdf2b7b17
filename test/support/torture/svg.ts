import { gzipSync } from 'node:zlib'

export const svg = (inner: string, attributes = 'viewBox="0 0 100 100"'): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inner}</svg>`,
  )

const RECT = '<rect width="100" height="100" fill="#c40"/>'
const within = (depth: number, wrap: (inner: string, level: number) => string, inner = RECT): string => {
  let text = inner
  for (let level = 0; level < depth; level++) text = wrap(text, level)
  return text
}

/** Each step of a filter that has a name is held until the end. */
export const longFilter = (primitives: number, primitive = 'feOffset dx="1" dy="1"'): Buffer => {
  const steps = Array.from({ length: primitives }, (_, i) => `<${primitive} result="r${i}"/>`)
  return svg(
    `<filter id="f" x="0" y="0" width="1" height="1">${steps.join('')}</filter><g filter="url(#f)">${RECT}</g>`,
  )
}

/** Masks of masks: each is drawn while the one that it is for waits. */
export const masksOfMasks = (depth: number): Buffer =>
  svg(
    `${Array.from({ length: depth }, (_, i) => `<mask id="m${i}"><rect width="100" height="100" fill="#fff"${i === 0 ? '' : ` mask="url(#m${i - 1})"`}/></mask>`).join('')}<g mask="url(#m${depth - 1})">${RECT}</g>`,
  )

/** The same, which only a style sheet tells of, which chooses each as told. */
export const styledMasks = (depth: number, select: (name: string) => string): Buffer =>
  svg(
    `<style>${Array.from({ length: depth }, (_, i) => `${select(`r${i}`)}{mask:url(#m${i})}`).join('')}</style>${Array.from({ length: depth }, (_, i) => `<mask id="m${i}"><rect width="100" height="100" fill="#fff" id="r${i - 1}" class="r${i - 1}"/></mask>`).join('')}<g class="r${depth - 1}" id="r${depth - 1}">${RECT}</g>`,
  )

export const nestedMasks = (depth: number): Buffer =>
  svg(
    within(
      depth,
      (inner, i) =>
        `<mask id="m${i}"><rect width="100" height="100" fill="#fff"/></mask><g mask="url(#m${i})">${inner}</g>`,
    ),
  )

export const nestedGroups = (depth: number): Buffer =>
  svg(within(depth, (inner) => `<g opacity=".9">${inner}</g>`))

export const nestedFilters = (depth: number): Buffer =>
  svg(
    `<filter id="f"><feOffset dx="1"/></filter>${within(depth, (inner) => `<g filter="url(#f)">${inner}</g>`)}`,
  )

export const nestedSvgs = (depth: number): Buffer =>
  svg(within(depth, (inner) => `<svg viewBox="0 0 100 100">${inner}</svg>`))

export const nestedPatterns = (depth: number): Buffer =>
  svg(
    `${Array.from({ length: depth }, (_, i) => `<pattern id="p${i}" width="1" height="1"><rect width="100" height="100" fill="${i === 0 ? 'red' : `url(#p${i - 1})`}"/></pattern>`).join('')}<rect width="100" height="100" fill="url(#p${depth - 1})"/>`,
  )

/** Ten copies of ten copies of … one square. */
export const copiesOfCopies = (levels: number): Buffer =>
  svg(
    `<defs><g id="u0">${RECT}</g>${Array.from({ length: levels }, (_, i) => `<g id="u${i + 1}">${`<use href="#u${i}"/>`.repeat(10)}</g>`).join('')}</defs><use href="#u${levels}"/>`,
  )

/** A thousandth of it, compressed. */
export const compressed = (sizeBytes: number): Buffer =>
  gzipSync(Buffer.concat([svg(RECT).subarray(0, -6), Buffer.alloc(sizeBytes, ' '), Buffer.from('</svg>')]))
