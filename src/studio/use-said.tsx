import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

/** What the last attempt said; and a function that attempts something, and tells whether that succeeded. */
export const useSaid = () => {
  const [said, setSaid] = useState({ text: '', isBad: false })
  const attempt = async (work: () => Promise<string>): Promise<boolean> => {
    setSaid({ text: '', isBad: false })
    try {
      setSaid({ text: await work(), isBad: false })
      return true
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : String(error), isBad: true })
      return false
    }
  }
  return [said, attempt] as const
}

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
