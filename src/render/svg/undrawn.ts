/**
 * What a drawing says that browsers show and librsvg passes over, by the names of its parts: a note for its owner. By its
 * markup alone, so that a part may be named that changes nothing.
 */
export const listUndrawn = (drawing: string): readonly string[] => {
  const found = listFeatures(drawing)
  return found.length === 0 ? found : listFeatures(drawing.replaceAll(SECOND_VALUE, '$1'))
}

const listFeatures = (drawing: string): readonly string[] =>
  FEATURES.flatMap(([pattern, name]) => (pattern.test(drawing) ? [name] : []))

/** A value behind another one of the same property, which those obey who do not know it. */
const SECOND_VALUE = /((?<![\w-])([\w-]{1,40})\s*:[^;:"{}<>]{1,200};)\s*\2\s*:[^;:"{}<>]{1,200}/g

/**
 * In style sheets, `style` attributes and attributes of the same names, after `toPlainCss`. None looks at a character again
 * and again, because a drawing may be made to take long.
 */
const FEATURES: readonly (readonly [RegExp, string])[] = [
  [/@media\b[^@{}<]*\{/i, '@media'],
  [/@font-face\s*\{[^{}@]*\burl\(\s*["']?data:[^,()]{1,100},[\w%]/i, 'embedded fonts'],
  [/@container\b[^@{}<]*\{/i, '@container'],
  [/@scope\b[^@{}<]*\{/i, '@scope'],
  [/<(?:[\w-]+:)?(?:animate\w*|set)\b|@(?:-\w+-)?keyframes\b/i, 'animation'],
  [/:is\(|:where\(|:has\(|:nth-[\w-]{1,20}\([^():]* of /i, ':is(), :where(), :has()'],
  [/[}>;][^@{}<>;]+\{[^{}<>]*\{/, 'nested rules'],
  [/[\s:"(,](?:calc|min|max|clamp)\(/i, 'calc()'],
  [
    /[\s:"(,](?:color|color-mix|light-dark)\(|\b(?:okl(?:ch|ab)|l(?:ch|ab)|rgba?)\(\s*from\b/i,
    'color-mix() and the like',
  ],
  [/var\(/i, 'var()'],
  [/[\s:"(,][\d.]+(?:rem|v[wh]|vmin|vmax|ch)\b/i, 'rem, vw and the like'],
  [/[\s;"{]clip-path\s*(?::|=")\s*(?:circle|ellipse|inset|polygon|path|rect|xywh)\(/i, 'clip-path shapes'],
  [/[\s;"{]transform-(?:origin|box)\s*(?::|=")/i, 'transform-origin, transform-box'],
  [
    /[;"{]\s*(?:rotate|scale|translate|offset-path)\s*:|\b(?:translate3d|scale3d|matrix3d|rotate[XYZ3])\w*\(/i,
    'rotate, scale, translate',
  ],
  [/[;"{]\s*(?:-webkit-)?mask(?:-image)?\s*:[^;:"}]*gradient\(/i, 'mask-image'],
  // No browser ever had the former; librsvg fills the whole region with the latter.
  [/\sin2?="(?:Background(?:Image|Alpha)|(?:Fill|Stroke)Paint)"/, 'BackgroundImage, FillPaint in filters'],
  [/[\s;"{]color-interpolation\s*(?::|=")\s*linearRGB/, 'color-interpolation'],
  [/\b(?:translate|scale)[XY]?\([^()]*%/i, 'percentages of transform'],
  [/[\s;"{]text-transform\s*:\s*(?:upper|lower|capital)/i, 'text-transform'],
  [/[;"{]\s*d\s*:\s*path\(/i, 'path() of d'],
  [/[\s;"{]text-shadow\s*:(?!\s*none)/i, 'text-shadow'],
  [/<(?:[\w-]+:)?textPath\b/, 'textPath'],
  [/\stextLength="/, 'textLength'],
  [
    /<(?:[\w-]+:)?t(?:ext|span)\b[^<>]*\s(?:[xy]="[^"]*[\d.][\s,]+[-\d.]|rotate=")/,
    'places of single letters',
  ],
  [/[\s;"{]word-spacing\s*(?::|=")(?!\s*(?:normal|0(?:px)?(?![\d.])))/i, 'word-spacing'],
  [/\spathLength="/, 'pathLength'],
]
