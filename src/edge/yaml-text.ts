/** A value as YAML on one line; JSON is valid YAML. */
export const toYaml = (value: unknown): string => JSON.stringify(value)

/** The lines of a block scalar, indented by `depth` spaces. */
export const indentBlock = (text: string, depth: number): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(depth) + line))
