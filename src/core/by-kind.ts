/** A function for each kind of a closed union; the compiler names a kind that is missing. */
export type ByKind<U extends { readonly kind: string }> = {
  readonly [K in U['kind']]: (member: OfKind<U, K>) => void
}

/** The members of a union that may have this kind. */
type OfKind<U extends { readonly kind: string }, K> = U extends unknown
  ? K extends U['kind']
    ? U
    : never
  : never

/** Hands each member of a union to the function of its kind; where there is none, nothing happens. */
export const dispatchByKind =
  <U extends { readonly kind: string }>(functions: Partial<ByKind<U>>) =>
  (member: U): void => {
    const call = functions[member.kind as U['kind']] as ((member: U) => void) | undefined
    call?.(member)
  }
