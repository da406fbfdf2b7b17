import * as z from 'zod'
import { COMPASS_POINTS, type CoverPosition, toCoverPosition } from '../core/position.ts'
import { readElsewhere, wholeNumber } from './schema-values.ts'

/** A position; a point is in per mille from the left and the top, or written `focus-333-500`. */
type PositionInput = CoverPosition | 'center' | 'centre' | `focus-${number}-${number}`

const POSITION_ALLOWED = `${COMPASS_POINTS.join(', ')}, attention, focus-X-Y or { x, y } with 0..1000`

const POSITION_WORDS: string[] = [...COMPASS_POINTS, 'center', 'centre', 'attention']

const readPosition = (input: unknown): CoverPosition | 'centre' | undefined => {
  if (input === 'center' || input === 'centre') return 'centre'
  if (input === 'attention') return input
  if (typeof input === 'string') {
    const [, x, y] = /^focus-([0-9]{1,4})-([0-9]{1,4})$/.exec(input) ?? []
    if (x !== undefined && y !== undefined) return readPosition({ x: Number(x), y: Number(y) })
    return COMPASS_POINTS.find((point) => point === input)
  }
  const focus = focusSchema.safeParse(input).data
  return focus === undefined ? undefined : (toCoverPosition(focus) ?? 'centre')
}

const focusSchema = z.strictObject({ x: wholeNumber(0, 1000), y: wholeNumber(0, 1000) })

interface PositionIssue {
  readonly path: PropertyKey[]
  readonly message: string
}

/** The wrong coordinates of a point. */
const listIssues = (input: unknown): readonly PositionIssue[] => {
  const issues = typeof input === 'object' ? (focusSchema.safeParse(input).error?.issues ?? []) : []
  const ofSides = issues.filter(({ path }) => path.length > 0)
  return ofSides.length > 0 ? ofSides : [{ path: [], message: POSITION_ALLOWED }]
}

const positionInput = readElsewhere<PositionInput>(
  z.union([z.enum(POSITION_WORDS), z.string().regex(/^focus-[0-9]{1,4}-[0-9]{1,4}$/), focusSchema]),
)

/** Normalised: `centre` for the centre, the name of a point that has one. */
export const position = positionInput.transform((input, context) => {
  const read = readPosition(input)
  if (read !== undefined) return read
  if (typeof input === 'string')
    context.addIssue({ code: 'invalid_value', values: POSITION_WORDS, message: POSITION_ALLOWED, input })
  else for (const { path, message } of listIssues(input)) context.addIssue({ code: 'custom', path, message })
  return z.NEVER
})
