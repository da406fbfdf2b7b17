import type { ComponentChildren } from 'preact'
import type { Format } from '../core/format.ts'
import type { PictureState } from './sources.ts'

/** The head of a column of numbers, which stand on the right. */
export const NumberHead = ({ children }: { readonly children: ComponentChildren }) => (
  <th scope="col" class="n">
    {children}
  </th>
)

/** The colour of a format or a state, which the style sheet names after it. */
export const colourOf = (name: string) => ({ color: `var(--${name})` })

/** A format, with its colour in charts. */
export const FormatCell = ({ format }: { readonly format: Format }) => (
  <td>
    <span class="swatch" style={colourOf(format)} /> {format.toUpperCase()}
  </td>
)

/** The words for each state. */
export const STATE_WORDS: Readonly<Record<PictureState, string>> = {
  built: 'built',
  missing: 'missing',
  stale: 'stale',
  failing: 'failing',
  none: 'no size',
}

/** A state by shape, colour and word: no one of them alone. */
export const StateMark = ({ state }: { readonly state: PictureState }) => (
  <span class="state" style={colourOf(state)}>
    <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      {SHAPES[state]}
    </svg>
    {STATE_WORDS[state]}
  </span>
)

const SHAPES: Readonly<Record<PictureState, preact.JSX.Element>> = {
  built: <circle cx="5" cy="5" r="4.5" />,
  missing: <circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" stroke-width="1.5" />,
  stale: <path d="M5 .5a4.5 4.5 0 0 1 0 9zM5 1.25a3.75 3.75 0 0 0 0 7.5" stroke="currentColor" />,
  failing: <path d="M5 .5 9.8 9.5H.2z" />,
  none: <path d="M1 4.25h8v1.5H1z" />,
}

interface SizeChoiceProps {
  readonly label: string
  readonly sizes: readonly string[]
  readonly value: string
  readonly choose: (size: string) => void
}

/** Whether something is set for every size (``), or for one. */
export const SizeChoice = ({ label, sizes, value, choose }: SizeChoiceProps) => (
  <label>
    {label}{' '}
    <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
      <option value="">every size</option>
      {sizes.map((name) => (
        <option key={name} value={name}>
          {name} alone
        </option>
      ))}
    </select>
  </label>
)
