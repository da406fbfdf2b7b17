/** The namespace of SVG. */
export const SVG = 'http://www.w3.org/2000/svg'
/** The namespace of `xlink:href`. */
export const XLINK = 'http://www.w3.org/1999/xlink'
/** The namespace of `xml:space` and the like. */
export const XML = 'http://www.w3.org/XML/1998/namespace'
/** The namespace of inclusions, which are refused. */
export const XINCLUDE = 'http://www.w3.org/2001/XInclude'

/** Who made a drawing and what others may do with it: the metadata that is kept. */
export const CREDIT: ReadonlySet<string> = new Set([
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'http://purl.org/dc/elements/1.1/',
  'http://purl.org/dc/terms/',
  'http://creativecommons.org/ns#',
  'http://web.resource.org/cc/',
])

/**
 * The elements that show something, or say what is shown (SVG 1.1 and 2). A list of allowed names: an element that
 * browsers learn in the future is left out until somebody has thought about it.
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

/** Elements that animate others. */
export const ANIMATIONS: ReadonlySet<string> = new Set([
  'animate',
  'animateColor',
  'animateMotion',
  'animateTransform',
  'set',
])

/** Elements whose pictures may be embedded in the drawing's file. */
export const PICTURES: ReadonlySet<string> = new Set(['image', 'feImage'])

/** Elements that contain only text: in an HTML page that embeds the drawing, markup in them would be HTML. */
export const TEXTS: ReadonlySet<string> = new Set(['title', 'desc', 'style'])

/** Steps of a filter, each of which takes as many pixels as the filter covers. */
export const isFilterPrimitive = (name: string): boolean => /^fe(?!Func|MergeNode|\w+Light$)[A-Z]/.test(name)
