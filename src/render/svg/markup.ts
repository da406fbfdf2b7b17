/** An attribute as written, with its entities replaced. */
export interface Attribute {
  readonly name: string
  readonly value: string
}

/** Receives the parts of a document in order. Comments and declarations are skipped. */
export interface Visitor {
  readonly open: (name: string, attributes: readonly Attribute[]) => void
  readonly close: () => void
  readonly text: (text: string) => void
  readonly instruction: (name: string) => void
}
