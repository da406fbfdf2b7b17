import type { ComponentChildren } from 'preact'

/** The head of a column of numbers, which stand on the right. */
export const NumberHead = ({ children }: { readonly children: ComponentChildren }) => (
  <th scope="col" class="n">
    {children}
  </th>
)
