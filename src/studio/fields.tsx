interface SelectProps {
  /** For screen readers, where no text stands beside it. */
  readonly label?: string
  readonly value: string
  readonly options: readonly (readonly [value: string, words: string])[]
  readonly choose: (value: string) => void
}

/** One of several values, in a list that opens. */
export const Select = ({ label, value, options, choose }: SelectProps) => (
  <select aria-label={label} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
    {options.map(([each, words]) => (
      <option key={each} value={each}>
        {words}
      </option>
    ))}
  </select>
)

/** The options for every size (``), and for each alone. */
export const sizeOptions = (sizes: readonly string[]): SelectProps['options'] => [
  ['', 'every size'],
  ...sizes.map((name) => [name, `${name} alone`] as const),
]

interface CheckProps {
  readonly isOn: boolean
  readonly set: (isOn: boolean) => void
  readonly children: string
}

/** Something that is so or not. */
export const Check = ({ isOn, set, children }: CheckProps) => (
  <label class="check">
    <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => set(currentTarget.checked)} />
    {children}
  </label>
)
