import { useState } from 'preact/hooks'
import type { Setup } from '../app/studio/protocol.ts'

interface ConfigLineProps {
  readonly summary: string
  readonly setup: Setup
  readonly children: string
}

/** Lines that the user may write into the configuration. */
export const ConfigLine = ({ summary, setup, children }: ConfigLineProps) => {
  const [isCopied, setCopied] = useState(false)
  return (
    <details class="line-of-config">
      <summary>{summary}</summary>
      <p>
        In {setup.configFile ?? 'the configuration'}, then run <code>imgsizes build</code>:
      </p>
      <pre>
        <code>{children}</code>
      </pre>
      <button
        type="button"
        onClick={() => {
          navigator.clipboard.writeText(children).then(
            () => setCopied(true),
            () => {},
          )
        }}
      >
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </details>
  )
}
