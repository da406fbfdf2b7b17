import fc from 'fast-check'
import { words } from '../support/words.ts'

/** What a target is fed with: files as they should be, and words that matter in them. */
export interface Food {
  readonly seeds: readonly (Uint8Array | string)[]
  readonly words?: readonly (Uint8Array | string)[]
}

/** No input is longer: what grows faster than its input shows at this length. */
export const MOST_BYTES = 256 * 1024

/** One step from a file towards one that nobody has thought of. Places are parts of its length, so that all shrink alike. */
type Mutation =
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'number'; readonly at: number; readonly value: bigint; readonly form: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'copy'; readonly from: number; readonly at: number; readonly length: number }
  | { readonly kind: 'end'; readonly at: number }
  | { readonly kind: 'value'; readonly at: number; readonly node: number; readonly value: unknown }

const toBytes = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value) : value

/** Bytes that are nearly a file, or nothing at all. */
export const anyInput = (food: Food): fc.Arbitrary<Uint8Array> => anyBytes(food).map(shown)

/** Printed as text where it fails. */
const shown = (bytes: Uint8Array): Uint8Array =>
  Object.assign(Buffer.from(bytes), {
    [fc.toStringMethod]: () =>
      `${bytes.length} bytes: ${JSON.stringify(Buffer.from(bytes).toString('latin1')).slice(0, 4_000)}`,
  })

const anyBytes = ({ seeds, words = [] }: Food): fc.Arbitrary<Uint8Array> => {
  const files = seeds.map(toBytes)
  const known = [
    ...words.map(toBytes),
    ...['\0', '\xff\xff', '"', '\\', '%', '\n', '{', '}', '[', ']'].map(toBytes),
  ]
  const place = fc.noBias(fc.nat(2 ** 24 - 1)).map((value) => value / 2 ** 24)
  const length = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 2_000 }))
  const token = fc.oneof(fc.constantFrom(...known), fc.uint8Array({ maxLength: 12 }))
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), at: place, value: fc.integer({ min: 0, max: 255 }) }),
    fc.record({
      kind: fc.constant('number' as const),
      at: place,
      value: fc.constantFrom(...EXTREMES),
      form: fc.nat(6),
    }),
    fc.record({ kind: fc.constant('insert' as const), at: place, bytes: token }),
    fc.record({ kind: fc.constant('cut' as const), at: place, length }),
    fc.record({ kind: fc.constant('copy' as const), at: place, from: place, length }),
    fc.record({ kind: fc.constant('end' as const), at: place }),
  )
  const value: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constant('value' as const),
    at: place,
    node: place,
    value: fc.constantFrom(...ODD_VALUES),
  })
  const growth: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constant('repeat' as const),
    at: place,
    length: fc.integer({ min: 1, max: 40 }),
    times: fc.constantFrom(2, 10, 1_000, 100_000),
  })
  const any = fc.oneof({ weight: 12, arbitrary: mutation }, { weight: 1, arbitrary: growth })
  const mutated = fc
    .tuple(
      fc.constantFrom(...files),
      fc.oneof(
        fc.array(any, { minLength: 1, maxLength: 3 }),
        fc.array(any, { minLength: 1, maxLength: 20, size: 'max' }),
        fc.array(value, { minLength: 1, maxLength: 3 }),
      ),
    )
    .map(([file, mutations]) => mutations.reduce(mutate, file))
  const grown = fc.tuple(token, fc.constantFrom(1_000, 100_000)).map(([bytes, times]) => repeat(bytes, times))
  const spliced = fc
    .tuple(fc.constantFrom(...files), fc.constantFrom(...files), place, place)
    .map(([a, b, end, start]) => Buffer.concat([a.subarray(0, end * a.length), b.subarray(start * b.length)]))
  return fc.oneof(
    { weight: 20, arbitrary: mutated },
    { weight: 2, arbitrary: spliced },
    { weight: 1, arbitrary: grown },
    { weight: 2, arbitrary: fc.array(token, { maxLength: 40 }).map((tokens) => Buffer.concat(tokens)) },
  )
}

const EXTREMES = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  2n ** 63n,
  2n ** 64n - 1n,
]

/** What may stand where JSON has another value; undefined takes it away. */
const ODD_VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -1, 0.5, 1e300, '', ...words('a __proto__ 1 / .. \ud800 \u0000')],
  ...[[], [[]], [null], [1, 2, 3], ['a'], {}, { a: 1 }, { length: -1 }, { toString: null }],
]

const mutate = (file: Uint8Array, mutation: Mutation): Uint8Array => {
  const at = Math.floor(mutation.at * file.length)
  switch (mutation.kind) {
    case 'byte': {
      const changed = Buffer.from(file)
      if (at < changed.length) changed[at] = mutation.value
      return changed
    }
    case 'number': {
      const changed = Buffer.from(file)
      toNumberBytes(mutation.value, mutation.form).copy(changed, at)
      return changed
    }
    case 'insert':
      return join(file.subarray(0, at), mutation.bytes, file.subarray(at))
    case 'cut':
      return join(file.subarray(0, at), file.subarray(at + mutation.length))
    case 'repeat':
      return join(
        file.subarray(0, at),
        repeat(file.subarray(at, at + mutation.length), mutation.times),
        file.subarray(at),
      )
    case 'copy': {
      const from = Math.floor(mutation.from * file.length)
      return join(file.subarray(0, at), file.subarray(from, from + mutation.length), file.subarray(at))
    }
    case 'end':
      return file.subarray(0, at)
    case 'value':
      return replaceValue(file, mutation)
  }
}

/** Puts another value into the JSON of one line; what is no JSON stays. */
const replaceValue = (file: Uint8Array, { at, node, value }: Mutation & { kind: 'value' }): Uint8Array => {
  const lines = Buffer.from(file).toString().split('\n')
  const line = Math.floor(at * lines.length)
  try {
    const count = countValues(JSON.parse(lines[line] ?? ''))
    let left = Math.floor(node * count)
    lines[line] = JSON.stringify(
      JSON.parse(lines[line] ?? '', (_, old: unknown) => (left-- === 0 ? value : old)),
    )
    return Buffer.from(lines.join('\n'))
  } catch {
    return file
  }
}

const countValues = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, inner) => sum + countValues(inner), 1)
    : 1

/** In one, two, four and eight bytes, either way round. */
const toNumberBytes = (value: bigint, form: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  const size = [1, 2, 4, 8][form % 4] ?? 4
  const number = bytes.subarray(8 - size)
  return form < 4 ? number : number.reverse()
}

const repeat = (bytes: Uint8Array, times: number): Uint8Array => {
  const most = bytes.length === 0 ? 0 : Math.min(times, Math.floor(MOST_BYTES / bytes.length))
  return Buffer.concat(Array.from({ length: most }, () => bytes))
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts).subarray(0, MOST_BYTES)
