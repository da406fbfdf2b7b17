import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

/** What the last attempt said; what attempts something, and tells whether that succeeded; what clears it. */
export const useSaid = () => {
  const [said, setSaid] = useState(NOTHING)
  const attempt = async (work: () => Promise<string>): Promise<boolean> => {
    try {
      setSaid({ text: await work(), isBad: false })
      return true
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : String(error), isBad: true })
      return false
    }
  }
  return [said, attempt, () => setSaid(NOTHING)] as const
}

const NOTHING = { text: '', isBad: false }

interface SaidProps {
  readonly said: ReturnType<typeof useSaid>[0]
  /** What stands there before. */
  readonly children?: ComponentChildren
}

/** The same for the reader. */
export const Said = ({ said, children }: SaidProps) => (
  <p class={said.isBad ? 'said bad' : 'said'} role="status">
    {said.text || children}
  </p>
)
