import { decodePercent } from '../core/percent.ts'

/** The view that the fragment of the page's address names. */
export type Route =
  | { readonly kind: 'pictures' }
  | { readonly kind: 'texts' }
  | { readonly kind: 'totals' }
  | { readonly kind: 'picture'; readonly source: string }

/** Reads a fragment; an unknown one means the list of pictures, and one with a broken escape was typed by hand. */
export const readRoute = (hash: string): Route => {
  const [, view = '', rest = ''] = /^#\/([a-z]*)\/?(.*)$/s.exec(hash) ?? []
  if (view === 'picture' && rest !== '') return { kind: 'picture', source: decodePercent(rest) ?? rest }
  if (view === 'texts' || view === 'totals') return { kind: view }
  return { kind: 'pictures' }
}

/** The inverse of {@link readRoute}. */
export const toHash = (route: Route): string => {
  if (route.kind === 'pictures') return '#/'
  if (route.kind === 'picture') return `#/picture/${encodeURIComponent(route.source).replaceAll('%2F', '/')}`
  return `#/${route.kind}`
}
