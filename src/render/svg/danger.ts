/** Why a drawing is neither drawn nor served; `message` completes "The drawing is refused: it …". */
export class Danger extends Error {
  /** What to do, where the usual advice does not help. */
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}
