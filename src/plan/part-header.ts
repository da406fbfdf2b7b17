import { type Form, having, isText, listOf, maybe, startingWith } from '../core/json.ts'
import { Problem } from '../core/problem.ts'

/** What a part or a manifest says of itself. */
export interface PartHeader {
  readonly replaces: readonly string[]
  /** When each of those was replaced; of a manifest. */
  readonly since?: readonly number[]
  /** Where its entries are; undefined where there are none. */
  readonly index?: PartIndex
  readonly runs?: readonly (readonly PartSummary[])[]
  readonly aliases?: true
  readonly merged?: true
  /** A filter of its sources; undefined for large and merged parts. */
  readonly filter?: Uint8Array
}

/** The gzip members of a part, in order. */
export interface PartIndex {
  readonly members: readonly { readonly first: string; readonly sizeBytes: number }[]
  readonly last: string
}

/** What a manifest says of a part. */
export interface PartSummary {
  readonly name: string
  readonly first: string
  readonly last: string
  readonly headerBytes: number
  readonly hasAliases: boolean
}

/** A whole number above 0: of bytes, milliseconds or versions. */
const isCount: Form = (value) => Number.isSafeInteger(value) && Number(value) > 0

const SIGNATURE = { imgsizes: 'ledger', version: 1 } as const

/** The header's line; the inverse of {@link readPartHeader}. */
export const formatHeader = ({ runs, index, filter, ...rest }: PartHeader): string =>
  `${JSON.stringify({
    ...SIGNATURE,
    ...rest,
    ...(runs && { runs: runs.map((run) => run.map(toSummaryLine)) }),
    ...(index && {
      members: index.members.map(({ first, sizeBytes }) => [first, sizeBytes]),
      last: index.last,
    }),
    ...(filter && { filter: Buffer.from(filter).toString('base64') }),
  })}\n`

interface HeaderLine extends Pick<PartHeader, 'replaces' | 'since' | 'aliases' | 'merged'> {
  readonly members?: readonly (readonly [first: string, sizeBytes: number])[]
  readonly last?: string
  readonly runs?: readonly (readonly SummaryLine[])[]
  readonly filter?: string
}

type SummaryLine = readonly [name: string, first: string, last: string, headerBytes: number, hasAliases?: 1]

const toSummaryLine = ({ name, first, last, headerBytes, hasAliases }: PartSummary): SummaryLine =>
  hasAliases ? [name, first, last, headerBytes, 1] : [name, first, last, headerBytes]

const readSummaryLine = ([name, first, last, headerBytes, aliases]: SummaryLine): PartSummary => ({
  name,
  first,
  last,
  headerBytes,
  hasAliases: aliases === 1,
})

/** `value`: the first line of a file. Problem `ledger-damaged`, `ledger-too-new`. */
export const readPartHeader = (name: string, value: unknown): PartHeader => {
  if (!isSigned(value)) throw damaged(name, 'it does not begin as one')
  if (value.version !== SIGNATURE.version)
    throw new Problem(
      'ledger-too-new',
      `${name}, a part of the ledger, was written by a newer imgsizes (version ${value.version}; this one reads ${SIGNATURE.version}).`,
      { hint: 'Run the newest imgsizes wherever this output is used.', subject: name },
    )
  if (!isHeaderLine(value)) throw damaged(name, 'its header is not one of this version')
  const { replaces, since, members, last, runs, aliases, merged, filter } = value
  return {
    replaces,
    ...(since && { since }),
    ...(members !== undefined &&
      last !== undefined && {
        index: { members: members.map(([first, sizeBytes]) => ({ first, sizeBytes })), last },
      }),
    ...(runs && { runs: runs.map((run) => run.map(readSummaryLine)) }),
    ...(aliases && { aliases }),
    ...(merged && { merged }),
    ...(filter && { filter: Buffer.from(filter, 'base64') }),
  }
}

const isSigned = having({ imgsizes: (value) => value === SIGNATURE.imgsizes, version: isCount }) as (
  value: unknown,
) => value is { readonly version: number }

const isHeaderLine = having({
  replaces: listOf(isText),
  since: maybe(listOf(isCount)),
  members: maybe(listOf(startingWith(isText, isCount))),
  last: maybe(isText),
  filter: maybe(isText),
  runs: maybe(listOf(listOf(startingWith(isText, isText, isText, isCount)))),
}) as (value: unknown) => value is HeaderLine

/** Problem `ledger-damaged`; `what`: what is wrong, as a clause. */
export const damaged = (name: string, what: string, cause?: unknown): Problem =>
  new Problem(
    'ledger-damaged',
    `${name}, a part of the ledger (the record of what results were made from), is damaged: ${what}.`,
    {
      hint: 'Delete that file. The next build reads back, or makes again, the results that it told of.',
      subject: name,
      cause,
    },
  )
