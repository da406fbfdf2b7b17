import type { ComponentChildren } from 'preact'
import type { Format } from '../core/format.ts'

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
