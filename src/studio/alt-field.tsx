import { useEffect, useState } from 'preact/hooks'

interface AltFieldProps {
  readonly source: string
  readonly alt: string | undefined
  readonly save: (alt: string | null) => Promise<boolean>
  /** Called where Enter has saved it. */
  readonly onSaved?: () => void
}

/** The text for people who cannot see the picture, saved when the field is left. Enter saves at once; Shift and Enter begin a line. */
export const AltField = ({ source, alt, save, onSaved }: AltFieldProps) => {
  const [text, setText] = useState(alt ?? '')
  useEffect(() => setText(alt ?? ''), [alt])
  const isDecorative = alt === ''
  const keep = async (): Promise<boolean> => {
    if (text === (alt ?? '')) return true
    return save(text.trim() === '' ? null : text)
  }
  return (
    <div class="alt">
      <textarea
        rows={2}
        data-cell
        aria-label={`Alt text of ${source}`}
        placeholder={
          isDecorative ? 'It only adorns: screen readers pass it over' : 'What it shows, in one sentence'
        }
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => void keep()}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText(alt ?? '')
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          void keep().then((isKept) => isKept && onSaved?.())
        }}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={isDecorative}
          onChange={({ currentTarget }) => void save(currentTarget.checked ? '' : null)}
        />
        it only adorns
      </label>
    </div>
  )
}
