// The page of `npm run demo`: markup made by the library, every URL relative, nothing from elsewhere.

/** What the page shows, with how wide: as `sizes` says it to a browser, and in CSS pixels of a viewport. */
const SECTIONS = [
  {
    title: 'As wide as the screen',
    text: 'Size <code>content</code>: five widths, of which the browser takes the one that fits.',
    size: 'content',
    sizes: '100vw',
    widthOf: (viewport) => viewport,
    className: 'wide',
    pictures: [['landscape/mountain-lake.jpg', 'A lake between mountains']],
  },
  {
    title: 'In a text',
    text: 'The same size in a column: a photograph, a PNG with transparency, and a drawing in SVG.',
    size: 'content',
    sizes: '(min-width: 752px) 720px, calc(100vw - 32px)',
    widthOf: (viewport) => Math.min(720, viewport - 32),
    className: 'column',
    pictures: [
      ['landscape/aurora.jpg', 'An aurora over hills'],
      ['products/vase.png', 'A vase'],
      ['icons/compass.svg', 'A compass'],
    ],
  },
  {
    title: 'Cards',
    text: 'Size <code>card</code>: 400 × 300 around what draws the eye, twice as dense for sharp screens. One of them moves.',
    size: 'card',
    widthOf: () => 400,
    className: 'cards',
    pictures: [
      ['landscape/dunes.jpg', 'Dunes'],
      ['landscape/open-sea.jpg', 'The open sea'],
      ['nature/leaves.jpg', 'Leaves'],
      ['motion/moon.gif', 'The moon, rising'],
    ],
  },
  {
    title: 'Portraits',
    text: 'Size <code>avatar</code>: 96 × 96, made of the pictures in <code>avatars/</code> alone.',
    size: 'avatar',
    widthOf: () => 96,
    className: 'portraits',
    pictures: [
      ['avatars/ada.jpg', 'Ada'],
      ['avatars/noor.jpg', 'Noor'],
    ],
  },
]

const SCREENS = [
  { name: 'phone, 390 px at 3×', viewport: 390, density: 3 },
  { name: 'tablet, 820 px at 2×', viewport: 820, density: 2 },
  { name: 'laptop, 1280 px at 1×', viewport: 1280, density: 1 },
]

/** The picture all of whose results are listed. */
const LISTED = 'landscape/dunes.jpg'

/**
 * What one visitor of the page loads, screen by screen, in bytes: of each picture its most compact format, in the
 * smallest result that is not too small. `bytesOf` a path below the page.
 */
export const weighVisits = (images, bytesOf) =>
  SCREENS.map(({ name, viewport, density }) => {
    const bytes = SECTIONS.flatMap(({ pictures, widthOf, ...section }) =>
      pictures.map(([source, alt]) =>
        bytesOf(pick(picture(images, source, alt, section), widthOf(viewport), density)),
      ),
    )
    return { name, bytes: bytes.reduce((sum, each) => sum + each, 0) }
  })

const picture = (images, source, alt, { size, sizes }) =>
  images.sources(source, size, { alt, ...(sizes && { sizes }) })

/** The path that a browser takes: by width where candidates say one, else by density. */
const pick = ({ sources: [first], img }, width, density) => {
  const candidates = (first?.srcSet ?? img.srcSet ?? `${img.src} 1x`).split(', ').map((candidate) => {
    const [path, descriptor = '1x'] = candidate.split(' ')
    return {
      path,
      size: Number.parseFloat(descriptor),
      wanted: descriptor.endsWith('w') ? width * density : density,
    }
  })
  return (candidates.find(({ size, wanted }) => size >= wanted) ?? candidates.at(-1)).path
}

/** The whole page. `originals` and `results`: bytes by path; `visits`: of {@link weighVisits}. */
export const formatDemoPage = (images, { originals, results, visits }) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>imgsizes: the demo</title>
<style>${STYLE}</style>
<header>
<h1>imgsizes: the demo</h1>
<p>Pictures of this repository, in the sizes of <code>imgsizes.config.ts</code>, as <code>npm run demo</code> has built them.
Under each stands what <em>your</em> browser has chosen: make the window wider, and look again.</p>
${formatVisits(visits, sum(originals))}
</header>
${SECTIONS.map((section) => formatSection(images, section, originals)).join('\n')}
${formatResults(results)}
<script>${toScript(results)}</script>
</html>
`

const formatVisits = (visits, before) => `<table class="visits">
<tr><th>one visitor loads<th>originals<th>built<th>saved</tr>
${visits
  .map(
    ({ name, bytes }) =>
      `<tr><td>${name}<td>${formatKilobytes(before)}<td>${formatKilobytes(bytes)}<td>${Math.round((1 - bytes / before) * 100)} %</tr>`,
  )
  .join('\n')}
</table>`

const formatSection = (
  images,
  { title, text, className, pictures, size, sizes },
  originals,
) => `<section class="${className}">
<h2>${title}</h2>
<p>${text}</p>
<div>
${pictures
  .map(
    ([source, alt]) => `<figure>
${images.picture(source, size, { alt, placeholder: 'thumbhash', ...(sizes && { sizes }) })}
<figcaption>${source}, ${formatKilobytes(originals[source])}<output></output></figcaption>
</figure>`,
  )
  .join('\n')}
</div>
</section>`

/** Every result of one picture, a transform a row, a format a column. */
const formatResults = (results) => {
  const own = Object.keys(results).filter((path) => path.includes(`/${LISTED}/`))
  const read = (path) => /([^/]+)\.[\w-]{16}\.(\w+)$/.exec(path)?.slice(1) ?? []
  const formats = [...new Set(own.map((path) => read(path)[1]))].sort()
  const transforms = [...new Set(own.map((path) => read(path)[0]))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  const cell = (transform, format) => {
    const path = own.find((each) => read(each).join() === [transform, format].join())
    return `<td>${path === undefined ? '' : `<a href="${path}">${formatKilobytes(results[path])}</a>`}`
  }
  return `<section class="column">
<h2>All results of one picture</h2>
<p>The path of each is its signed URL and its key in the store: <code>${LISTED}/</code>, and then</p>
<table>
<tr><th>transform${formats.map((format) => `<th>${format}`).join('')}</tr>
${transforms.map((transform) => `<tr><td>${transform}${formats.map((format) => cell(transform, format)).join('')}</tr>`).join('\n')}
</table>
</section>`
}

/** Says under each picture which result is shown. */
const toScript = (results) => `
const BYTES = ${JSON.stringify(results)}
const say = (image) => {
  const path = Object.keys(BYTES).find((each) => image.currentSrc.endsWith(each))
  if (path === undefined) return
  const [, transform, format] = /([^/]+)\\.[\\w-]{16}\\.(\\w+)$/.exec(path)
  image.closest('figure').querySelector('output').textContent =
    '; here ' + transform + ' as ' + format + ', ' + Math.round(BYTES[path] / 100) / 10 + ' kB'
}
for (const image of document.images) {
  image.addEventListener('load', () => say(image))
  if (image.complete) say(image)
}
`

const sum = (bytes) => Object.values(bytes).reduce((total, each) => total + each, 0)

/** 1 kB is 1,000 bytes. */
export const formatKilobytes = (bytes) =>
  bytes < 10_000
    ? `${(bytes / 1000).toFixed(1)} kB`
    : `${Math.round(bytes / 1000).toLocaleString('en-US')} kB`

const STYLE = `
:root { font: 16px/1.5 system-ui, sans-serif; --line: #8884 }
body { margin: 0 0 4rem }
header, section > h2, section > p, .column, .cards, .portraits { max-width: 720px; margin-inline: auto; padding-inline: 16px }
.column > *, .cards > *, .portraits > * { max-width: none; padding-inline: 0 }
h1, h2 { line-height: 1.2; font-weight: 600 }
h1 { margin-top: 2.5rem }
h2 { margin: 3rem auto 0 }
p { margin-block: .5rem 1rem }
figure { margin: 0 0 1.5rem }
img { display: block; max-width: 100%; height: auto; border-radius: 6px }
.wide img { width: 100%; border-radius: 0 }
.wide figcaption { max-width: 720px; margin-inline: auto; padding-inline: 16px }
.column img { width: 100% }
.cards > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 0 20px }
.cards img { width: 100% }
.portraits > div { display: flex; flex-wrap: wrap; gap: 0 20px }
.portraits figure { flex: 1 1 16rem }
.portraits img { border-radius: 50% }
figcaption { font-size: .85rem; opacity: .75; margin-top: .4rem; overflow-wrap: anywhere }
code { font-size: .9em }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .3rem 0 .3rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, td:first-child { text-align: left; padding-left: 0; overflow-wrap: anywhere; white-space: normal }
th { font-weight: 600 }
a { color: inherit }
`
