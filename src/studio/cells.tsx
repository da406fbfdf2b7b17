import type { ComponentChildren, JSX } from 'preact'
import type { Format } from '../core/format.ts'
import type { PictureState } from './sources.ts'

interface SectionProps {
  readonly id: string
  readonly title: string
  readonly class?: string
  readonly onKeyDown?: (event: KeyboardEvent) => void
  readonly children: ComponentChildren
}

/** A part of a view under its heading. */
export const Section = ({ id, title, class: kind = 'card', children, ...handlers }: SectionProps) => (
  <section class={kind} aria-labelledby={id} {...handlers}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
)

interface TableProps {
  readonly caption?: string
  /** The heads of its first columns, and those of the others, which are of numbers and stand on the right. */
  readonly texts: readonly string[]
  readonly numbers: readonly (string | JSX.Element)[]
  readonly children: ComponentChildren
}

/** A table that scrolls where it is too wide. */
export const Table = ({ caption, texts, numbers, children }: TableProps) => (
  <div class="wide">
    <table>
      {caption && <caption class="hint">{caption}</caption>}
      <thead>
        <tr>
          {texts.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
          {numbers.map((head) =>
            typeof head === 'string' ? (
              <th key={head} scope="col" class="n">
                {head}
              </th>
            ) : (
              head
            ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
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

const SHAPES: Readonly<Record<PictureState, JSX.Element>> = {
  built: <circle cx="5" cy="5" r="4.5" />,
  missing: <circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" stroke-width="1.5" />,
  stale: <path d="M5 .5a4.5 4.5 0 0 1 0 9zM5 1.25a3.75 3.75 0 0 0 0 7.5" stroke="currentColor" />,
  failing: <path d="M5 .5 9.8 9.5H.2z" />,
  none: <path d="M1 4.25h8v1.5H1z" />,
}
