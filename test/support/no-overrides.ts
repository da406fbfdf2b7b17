import type { PictureOverrides } from '../../src/app/picture-overrides.ts'

/** Nothing is said of any picture. */
export const NO_OVERRIDES: PictureOverrides = {
  of: () => undefined,
  read: async () => undefined,
  hasSidecars: false,
  openTally: () => undefined,
  reload: async () => false,
}
