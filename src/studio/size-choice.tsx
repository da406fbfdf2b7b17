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
