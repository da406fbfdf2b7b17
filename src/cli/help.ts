import { formatTable } from './format.ts'

/** A command line, and what it is for in a few words. */
export type Example = readonly [command: string, meaning: string]

/** Examples in two columns where all of them fit, else each meaning under its command: never torn to be pasted. */
export const formatExamples = (examples: readonly Example[], width: number): string => {
  const table = formatTable(
    examples.map(([command, meaning]) => [`  ${command}`, meaning]),
    ['left', 'left'],
  )
  const fits = table.every((row) => row.length <= width)
  const rows = fits ? table : examples.flatMap(([command, meaning]) => [`  ${command}`, `      ${meaning}`])
  return ['Examples:', ...rows].join('\n')
}

/** yargs ends each flag with its type in brackets, which tells a reader nothing: what takes a value says so itself. */
export const hideTypes = (help: string): string => help.replace(TYPES, '')

const TYPES = /\n? *(?:\[(?:string|array|boolean|required|default: \[\])\] ?)+(?=\n|$)/g
