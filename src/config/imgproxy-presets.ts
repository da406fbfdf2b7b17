import { IMGPROXY_NAMES, PRESET_NAMES } from '../core/imgproxy-names.ts'
import { joinPath, quote, type ReadContext } from './faults.ts'
import { suggestName } from './suggest.ts'

/**
 * Finds presets that name an unknown option or an unknown preset: every URL that uses them would be a 404.
 */
export const checkPresets = (
  presets: Readonly<Record<string, string>>,
  { path, faults }: Pick<ReadContext, 'path' | 'faults'>,
): void => {
  for (const [name, text] of Object.entries(presets)) {
    const options = text.split('/').filter((option) => option !== '')
    const unknown = options.flatMap((option) => listUnknown(option.split(':'), presets))
    const [first] = unknown
    if (first === undefined) continue
    faults.add({
      path: joinPath(path, name),
      found: unknown.map(({ what, name: unknownName }) => `${what} ${quote(unknownName)}`).join(', '),
      allowed: 'options of imgproxy, such as rs:fill:300:200/q:70, and presets that are there',
      suggestion: suggestName(first.name, first.known),
    })
  }
}

interface Unknown {
  readonly what: 'the unknown option' | 'the unknown preset'
  readonly name: string
  /** The names that it may be a misspelling of. */
  readonly known: readonly string[]
}

const listUnknown = (
  [option = '', ...args]: readonly string[],
  presets: Readonly<Record<string, string>>,
): readonly Unknown[] => {
  if (!IMGPROXY_NAMES.has(option))
    return [{ what: 'the unknown option', name: option, known: [...IMGPROXY_NAMES] }]
  if (!PRESET_NAMES.includes(option)) return []
  return args
    .filter((name) => !Object.hasOwn(presets, name))
    .map((name) => ({ what: 'the unknown preset', name, known: Object.keys(presets) }))
}
