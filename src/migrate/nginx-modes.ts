import type { NginxDialectInput } from '../config/dialects.ts'
import type { UrlForm } from './nginx-pattern.ts'

/** What a dialect shows under a prefix. */
export type NginxModeInput = Pick<NginxDialectInput, 'prefix' | 'mode' | 'degrees'>

/** What the `image_filter` of a location show, by their arguments; a text, saying why, where no dialect shows that. */
export const readModes = (
  filters: readonly (readonly string[])[],
  form: UrlForm,
): readonly NginxModeInput[] | string => {
  const rotate = filters.find(([word]) => word === 'rotate')
  const box = filters.find(([word]) => word === 'resize' || word === 'crop')
  if (box !== undefined) {
    const [word = '', width = '', height = ''] = box
    if (form.kind !== 'sized' || !names(width, form.width) || !names(height, form.height))
      return /\$/.test(width + height)
        ? `its size ${width}x${height} is not that of a path such as /t/300x200/….`
        : `its size ${width}x${height} is not in the URL: make it one of \`sizes\`.`
    if (rotate === undefined) return [{ prefix: form.prefix, mode: word === 'crop' ? 'crop' : 'resize' }]
    if (word === 'crop') return 'it both crops and rotates.'
  }
  if (rotate === undefined) return 'image_filter size and test have no counterpart.'
  const [, angle = ''] = rotate
  if (form.kind === 'turned' && names(angle, form.angle))
    return form.degrees.map((degrees) => ({ prefix: `${form.prefix}${degrees}/`, mode: 'rotate', degrees }))
  const degrees = ([90, 180, 270] as const).find((each) => String(each) === angle)
  if (degrees === undefined || form.kind === 'turned')
    return `its angle ${angle} is not in the URL, nor fixed.`
  return [{ prefix: form.prefix, mode: 'rotate', degrees }]
}

const names = (text: string, group: readonly string[]): boolean =>
  group.includes(/^\$\{?(\w+)\}?$/.exec(text)?.[1] ?? '')
