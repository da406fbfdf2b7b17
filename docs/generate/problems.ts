import { type Fault, POLICIES, type Policy, type ProblemCode } from '../../src/core/problem.ts'
import { PROBLEM_TEXTS } from './problem-texts.ts'

const HEADINGS: Readonly<Record<Fault, string>> = {
  setup: 'Configuration, flags and files',
  original: 'An original',
  result: 'One result of an original',
  key: 'One name',
  place: 'A source or an output',
  ledger: 'The ledger',
  guard: 'Guards against deleting too much',
  machine: 'The machine or process',
  page: 'Pages and programs that use the library',
  queue: 'A queue of events',
  request: 'A request to `serve`',
}

const INTRODUCTION = `# Problems

<!-- Made by \`npm run docs\` from src/core/problem.ts and docs/generate/problem-texts.ts. -->

Every failure that is expected has a code. Messages and logs show it; answers of \`serve\` have it as \`code\`, and as the
end of \`type\` in \`application/problem+json\`. Codes do not change; the words around them may.

Commands end with exit code 1 unless another one is given here.
`

/** docs/reference/problems.md, whole. */
export const formatProblems = (): string => {
  const all: readonly (readonly [string, Policy])[] = Object.entries(POLICIES)
  const sections = Object.entries(HEADINGS).map(([fault, heading]) => {
    const codes = all.filter(([, policy]) => policy.fault === fault)
    return [`## ${heading}`, ...codes.map(([code, policy]) => formatCode(code as ProblemCode, policy))].join(
      '\n\n',
    )
  })
  return `${[INTRODUCTION.trimEnd(), ...sections].join('\n\n')}\n`
}

const formatCode = (code: ProblemCode, policy: Policy): string => {
  const { means, causes, todo } = PROBLEM_TEXTS[code]
  const facts = [`Usual causes: ${causes}`, `What to do: ${todo}`, ...listFacts(policy)]
  return [`### ${code}`, means, facts.map((fact) => `- ${fact}`).join('\n')].join('\n\n')
}

const listFacts = ({ again, exit, status }: Policy): readonly string[] => [
  ...(again === undefined ? [] : [AGAIN[again]]),
  ...(exit === undefined ? [] : [`Exit code ${exit}.`]),
  ...(status === undefined ? [] : [`HTTP status ${status}.`]),
]

const AGAIN: Readonly<Record<NonNullable<Policy['again']>, string>> = {
  soon: 'It may be over in a moment: it is worth trying again.',
  later: 'It goes well once the place has been seen to.',
}
