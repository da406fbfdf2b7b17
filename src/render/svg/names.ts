export const SVG = 'http://www.w3.org/2000/svg'
export const XLINK = 'http://www.w3.org/1999/xlink'
export const XML = 'http://www.w3.org/XML/1998/namespace'
export const XINCLUDE = 'http://www.w3.org/2001/XInclude'

/** Who made a drawing and what others may do with it: what of its metadata stays. */
export const CREDIT: ReadonlySet<string> = new Set([
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'http://purl.org/dc/elements/1.1/',
  'http://purl.org/dc/terms/',
  'http://creativecommons.org/ns#',
  'http://web.resource.org/cc/',
])

/**
 * The elements that show something, or say what is shown (SVG 1.1 and 2). A list of what is allowed: one that a
 * browser comes to know some day is left out until somebody has thought about it.
 */
export const ELEMENTS: ReadonlySet<string> = new Set(
  `a altGlyph altGlyphDef altGlyphItem animate animateColor animateMotion animateTransform circle clipPath
  color-profile cursor defs desc ellipse filter font font-face font-face-format font-face-name font-face-src
  font-face-uri g glyph glyphRef hkern image line linearGradient marker mask metadata missing-glyph mpath path
  pattern polygon polyline radialGradient rect set stop style svg switch symbol text textPath title tref tspan use
  view vkern feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
  feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage
  feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence`.split(
    /\s+/,
  ),
)

export const ANIMATIONS: ReadonlySet<string> = new Set([
  'animate',
  'animateColor',
  'animateMotion',
  'animateTransform',
  'set',
])

/** Elements whose pictures may be part of the drawing's own file. */
export const PICTURES: ReadonlySet<string> = new Set(['image', 'feImage'])

/** Elements of text alone: in a page that holds the drawing, markup in them would be HTML. */
export const TEXTS: ReadonlySet<string> = new Set(['title', 'desc', 'style'])

/** Steps of a filter, each of which takes as many pixels as the filter covers. */
export const isFilterPrimitive = (name: string): boolean => /^fe(?!Func|MergeNode|\w+Light$)[A-Z]/.test(name)
