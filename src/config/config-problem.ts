import { Problem } from '../core/problem.ts'

/** One mistake in a configuration. No text in it ever contains a secret. */
export interface ConfigFault {
  /** Its place in the configuration: `sizes.card.fit`; "" for the configuration as a whole. */
  readonly path: string
  /** What is written there, in words. */
  readonly found: string
  /** What may be written there, in words. */
  readonly allowed: string
  /** The known option whose name is most similar to an unknown one. */
  readonly suggestion?: string | undefined
  /** Its place in the file, both counted from 1; undefined where unknown. */
  readonly at?: { readonly line: number; readonly column: number }
}

/**
 * All mistakes in a configuration at once (code `config-invalid`), or in the overrides of single pictures
 * (`overrides-invalid`); its message shows all of them.
 */
export class ConfigProblem extends Problem {
  readonly problems: readonly ConfigFault[]
  readonly file?: string

  constructor(
    problems: readonly ConfigFault[],
    file?: string,
    code: 'config-invalid' | 'overrides-invalid' = 'config-invalid',
  ) {
    super(code, formatConfigProblem({ problems, ...(file !== undefined && { file }) }), {
      ...(file !== undefined && { subject: file }),
    })
    this.problems = problems
    if (file !== undefined) this.file = file
  }
}

/** Characters of a row of a terminal. */
const COLUMNS = 80

/**
 * The faults of a configuration for people, one a line, as many as `mostRows` of a terminal hold; without a line break at the
 * end.
 */
export const formatConfigProblem = (
  { problems, file }: { readonly problems: readonly ConfigFault[]; readonly file?: string },
  mostRows: number = Number.POSITIVE_INFINITY,
): string => {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const all = problems.map((fault) => `  ${formatFault(fault)}`)
  const lines = takeRows(all, mostRows)
  const rest = problems.length - lines.length
  return [
    `${file ?? 'the configuration'} has ${count}:`,
    ...lines,
    ...(rest > 0 ? [`  … and ${rest} more: --verbose shows all`] : []),
  ].join('\n')
}

const takeRows = (lines: readonly string[], most: number): readonly string[] => {
  let rows = 0
  return lines.filter((line) => {
    rows += Math.ceil(line.length / COLUMNS)
    return rows <= most
  })
}

/** A fault for people, on one line. */
export const formatFault = ({ path, found, allowed, suggestion, at }: ConfigFault): string => {
  const question = suggestion === undefined ? '' : `did you mean ${suggestion}? `
  const place = at === undefined ? '' : `line ${at.line}:${at.column}: `
  return `${place}${path === '' ? '' : `${path}: `}${found}; ${question}allowed: ${allowed}`
}
