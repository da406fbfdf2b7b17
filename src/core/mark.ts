declare const markBrand: unique symbol

/**
 * What a store shows of an object's identity without its bytes: an ETag without quotes, or a date. It says nothing of
 * what the bytes are: ETags of encrypted and of multipart objects are no MD5, though some look like one. Where a store
 * shows none it is `undefined`, which proves nothing: two are compared by {@link isSameMark} alone.
 */
export type Mark = string & { readonly [markBrand]: true }

/** A text as a mark; an empty one is none. */
export const toMark = (text: string | undefined): Mark | undefined =>
  text === undefined || text === '' ? undefined : (text as Mark)

/** Whether two marks are there and equal. */
export const isSameMark = (a: Mark | undefined, b: Mark | undefined): boolean =>
  a !== undefined && b !== undefined && a === b

/** An object as a look at it showed it. */
export interface Look {
  readonly sizeBytes: number
  readonly mark: Mark | undefined
}

/** Whether two looks at one key showed the same object for certain: never where its store shows no mark. */
export const isSameLook = (a: Look | undefined, b: Look | undefined): boolean =>
  a?.sizeBytes === b?.sizeBytes && isSameMark(a?.mark, b?.mark)
