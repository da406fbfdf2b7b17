import type { SizeConfig } from '../config/config.ts'
import { type Override, overrideOfSize, overrideTransform } from '../core/override.ts'
import { formatTransform } from '../core/transform.ts'
import type { PageOverride } from './catalogue.ts'

/** The part of an override that pages need. */
export const toPageOverride = (
  override: Override | undefined,
  sizes: readonly SizeConfig[],
): PageOverride | undefined => {
  if (override === undefined) return undefined
  const { alt, focus } = override
  const texts = spellSizes(override, sizes)
  return { alt, focus, texts: Object.keys(texts).length > 0 ? texts : undefined }
}

/** The spelled transforms of sizes where they differ from the configured ones. */
const spellSizes = (
  override: Override,
  sizes: readonly SizeConfig[],
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    sizes.flatMap(({ name, transforms }) => {
      const own = overrideOfSize(override, name)
      const configured = transforms.map(({ transform }) => formatTransform(transform))
      const texts = transforms.map(({ transform }) => formatTransform(overrideTransform(transform, own)))
      return texts.join() === configured.join() ? [] : [[name, texts]]
    }),
  )
