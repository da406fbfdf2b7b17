import { useState } from 'preact/hooks'
import { Check } from './fields.tsx'

interface AltFieldProps {
  readonly source: string
  readonly alt: string | undefined
  readonly save: (alt: string | null) => Promise<boolean>
  /** Called where Enter has saved it. */
  readonly onSaved?: () => void
}

/** The text for people who cannot see the picture, saved when the field is left. Enter saves at once; Shift and Enter begin a line. */
export const AltField = ({ source, alt, save, onSaved }: AltFieldProps) => {
  /** What was typed and is not saved. */
  const [draft, setDraft] = useState<string>()
  const isDecorative = alt === ''
  const replace = async (text: string | null, typed?: string): Promise<boolean> => {
    const isSaved = await save(text)
    if (isSaved) setDraft((now) => (typed === undefined || now === typed ? undefined : now))
    return isSaved
  }
  /** Takes the text from the field itself: Enter may follow the last letter before that was drawn. */
  const keep = async (text: string): Promise<boolean> => {
    if (text !== (alt ?? '')) return replace(text.trim() === '' ? null : text, text)
    setDraft(undefined)
    return true
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
        value={draft ?? alt ?? ''}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onBlur={({ currentTarget }) => void keep(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.currentTarget.value = alt ?? ''
            setDraft(undefined)
          }
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          void keep(event.currentTarget.value).then((isKept) => isKept && onSaved?.())
        }}
      />
      <Check isOn={isDecorative} set={(isOn) => void replace(isOn ? '' : null)}>
        it only adorns
      </Check>
    </div>
  )
}
