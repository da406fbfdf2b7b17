declare const markBrand: unique symbol

/**
 * What a store shows of an object's identity without its bytes: an ETag without quotes, or a date. It does not tell the
 * bytes: ETags of encrypted and of multipart objects are no MD5, though some look like one. Where a store shows none,
 * it is `undefined`, which proves nothing: compare two marks only by {@link isSameMark}.
 */
export type Mark = string & { readonly [markBrand]: true }

/** A text as a mark; undefined for an empty one. */
export const toMark = (text: string | undefined): Mark | undefined =>
  text === undefined || text === '' ? undefined : (text as Mark)

/** Whether both marks exist and are equal. */
export const isSameMark = (a: Mark | undefined, b: Mark | undefined): boolean =>
  a !== undefined && b !== undefined && a === b

/** What a look at an object showed. */
export interface SeenObject {
  readonly sizeBytes: number
  readonly mark: Mark | undefined
}

/** Whether two looks at one key certainly showed the same object; always false where the store shows no mark. */
export const isSameObject = (a: SeenObject | undefined, b: SeenObject | undefined): boolean =>
  a?.sizeBytes === b?.sizeBytes && isSameMark(a?.mark, b?.mark)
