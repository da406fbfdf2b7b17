/** Both tables of DESIGN section 2: a source, a transform without its quality, the result. */
export const DESIGN_SIZES: readonly (readonly [source: string, transform: string, result: string])[] = [
  ['2725×2225', '640w', '640×523'],
  ['2725×2225', '480h', '588×480'],
  ['500×300', '640w', '500×300'],
  ['3000×3', '100w', '100×1'],
  ['3×3000', '2w', '2×2000'],
  ['2725×2225', '640x480.inside', '588×480'],
  ['999×666', '333x333.inside', '333×222'],
  ['800×600', '300x200.cover', '300×200'],
  ['500×300', '800x600.cover', '400×300'],
  ['101×100', '50x50.cover', '50×50'],
  ['333×1000', '700x100.cover', '333×48'],
  ['500×300', '800x800.contain', '800×800'],
  ['500×300', '800x200.fill', '500×200'],
  ['40000×100', '90h', '16383×41'],
]
