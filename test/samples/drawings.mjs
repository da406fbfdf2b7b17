import { random } from './noise.mjs'

/** Leaves and a fern's curl in focus, to lie over the wood out of focus. */
export const branch = (/** @type {number} */ width, /** @type {number} */ height) => {
  const next = random(3)
  const leaf = (
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {number} */ length,
    /** @type {number} */ angle,
    /** @type {string} */ fill,
  ) => {
    const veins = Array.from({ length: 6 }, (_, i) => {
      const t = 0.2 + i * 0.115
      const w = Math.sin((t + 0.14) * Math.PI) * 0.2
      return `<path d="M${t} 0Q${t + 0.09} ${-w * 0.55} ${t + 0.15} ${-w}M${t} 0Q${t + 0.09} ${w * 0.55} ${t + 0.15} ${w}" stroke-width=".006"/>`
    }).join('')
    return `<g transform="translate(${x} ${y}) rotate(${angle}) scale(${length})"><path d="M0 0C.2 -.36 .7 -.38 1.04 0C.7 .36 .2 .36 0 0Z" fill="url(#${fill})"/><path d="M0 0C.2 .36 .7 .36 1.04 0Z" fill="#0a2c12" opacity=".2"/><g fill="none" stroke="#e6f2b8" stroke-opacity=".55"><path d="M0 0Q.5 .02 1.03 0" stroke-width=".012"/>${veins}</g></g>`
  }
  const stem = (/** @type {number} */ t) => ({
    x: width * (1.02 - 0.78 * t),
    y: height * (0.98 - 0.5 * t - 0.2 * t * t),
  })
  const leaves = Array.from({ length: 13 }, (_, i) => {
    const t = 0.06 + i * 0.075
    const { x, y } = stem(t)
    const side = i % 2 === 0 ? 1 : -1
    const angle = 216 + side * (58 - 30 * t) + (next() - 0.5) * 14
    return leaf(
      x,
      y,
      width * (0.2 - 0.1 * t) * (0.9 + next() * 0.25),
      angle,
      next() > 0.4 ? 'sunlit' : 'shaded',
    )
  })
  const drops = Array.from({ length: 16 }, () => {
    const { x, y } = stem(0.15 + next() * 0.8)
    const [dx, dy, r] = [
      (next() - 0.5) * width * 0.16,
      (next() - 0.5) * width * 0.13,
      width * (0.003 + next() * 0.005),
    ]
    return `<circle cx="${x + dx}" cy="${y + dy}" r="${r}" fill="url(#drop)"/><circle cx="${x + dx - r * 0.35}" cy="${y + dy - r * 0.35}" r="${r * 0.25}" fill="#fff"/>`
  })
  const line = Array.from({ length: 21 }, (_, i) => stem(i / 20))
    .map(({ x, y }) => `${x} ${y}`)
    .join('L')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>
    <linearGradient id="sunlit" x1="0" y1="0" x2="1" y2=".3"><stop offset="0" stop-color="#4c8a2c"/><stop offset=".6" stop-color="#9ccc48"/><stop offset="1" stop-color="#d8e87c"/></linearGradient>
    <linearGradient id="shaded" x1="0" y1="0" x2="1" y2=".3"><stop offset="0" stop-color="#1e5a2a"/><stop offset="1" stop-color="#6aa63e"/></linearGradient>
    <radialGradient id="drop"><stop offset="0" stop-color="#fff" stop-opacity=".15"/><stop offset=".75" stop-color="#e8ffd0" stop-opacity=".35"/><stop offset="1" stop-color="#fff" stop-opacity=".8"/></radialGradient>
  </defs><path d="M${line}" fill="none" stroke="#5a4a2a" stroke-width="${width * 0.006}" stroke-linecap="round"/>${leaves.join('')}${drops.join('')}</svg>`
}

/** A row of firs, darker and larger to the sides, to stand before a valley. */
export const firs = (/** @type {number} */ width, /** @type {number} */ height) => {
  const next = random(8)
  const trees = Array.from({ length: 46 }, () => {
    const u = next()
    const side = Math.abs(u - 0.48) * 2
    const tall = height * (0.05 + 0.2 * side ** 1.6) * (0.7 + next() * 0.5)
    const foot = height * (0.9 + 0.08 * side + next() * 0.02)
    return { x: u * width, foot, tall }
  }).sort((a, b) => a.foot - b.foot)
  const shape = ({ x, foot, tall }) => {
    const tiers = 11
    let [left, right] = ['', '']
    for (let i = 1; i <= tiers; i++) {
      const y = foot - tall * (1 - i / (tiers + 0.6))
      const reach = tall * 0.235 * (i / tiers) * (0.85 + next() * 0.3)
      left += `L${x - reach} ${y + tall * 0.025}L${x - reach * 0.48} ${y - tall * 0.01}`
      right = `L${x + reach * 0.48} ${y - tall * 0.01}L${x + reach} ${y + tall * 0.025}${right}`
    }
    return `<path d="M${x} ${foot - tall}${left}L${x} ${foot}${right.replace(/^L/, 'L')}Z"/>`
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g fill="#050b12">${trees.map(shape).join('')}</g></svg>`
}

/** A drawn portrait: shoulders, hair, a friendly face, lit from the left. */
export const portrait = (
  /** @type {number} */ side,
  /** @type {{ ground: string[], skin: string[], hair: string[], shirt: string[], longHair: boolean }} */ look,
) => {
  const stops = (/** @type {string[]} */ colours) =>
    colours.map((colour, i) => `<stop offset="${i / (colours.length - 1)}" stop-color="${colour}"/>`).join('')
  const back = look.longHair
    ? '<path d="M275 520C240 250 360 165 500 165s262 90 226 360c-6 90 22 190 34 250H240c10-60 42-160 35-255Z" fill="url(#hair)"/>'
    : ''
  const fringe = look.longHair
    ? '<path d="M322 470c-12-190 80-268 190-262c120 6 182 96 166 262c-30-90-92-150-160-180c-36 70-120 120-196 180Z" fill="url(#hair)"/>'
    : '<path d="M318 432c-34-190 60-270 190-272c140-2 214 104 172 276c-8-56-26-96-50-124c-84 22-190 14-252-22c-30 34-52 84-60 142Z" fill="url(#hair)"/>'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 1000 1000"><defs>
    <radialGradient id="ground" cx=".3" cy=".25" r="1">${stops(look.ground)}</radialGradient>
    <linearGradient id="skin" x1="0" y1="0" x2="1" y2=".5">${stops(look.skin)}</linearGradient>
    <linearGradient id="hair" x1="0" y1="0" x2="1" y2="1">${stops(look.hair)}</linearGradient>
    <linearGradient id="shirt" x1="0" y1="0" x2="1" y2="1">${stops(look.shirt)}</linearGradient>
    <radialGradient id="blush"><stop offset="0" stop-color="#e0533f" stop-opacity=".4"/><stop offset="1" stop-color="#e0533f" stop-opacity="0"/></radialGradient>
    <filter id="soft"><feGaussianBlur stdDeviation="14"/></filter></defs>
    <rect width="1000" height="1000" fill="url(#ground)"/>
    <g filter="url(#soft)" fill="#fff" opacity=".16"><circle cx="150" cy="240" r="90"/><circle cx="860" cy="180" r="60"/><circle cx="900" cy="520" r="110"/><circle cx="90" cy="640" r="50"/></g>
    ${back}
    <path d="M90 1000c10-170 130-240 290-262h240c160 22 280 92 290 262Z" fill="url(#shirt)"/>
    <path d="M412 640h176v110c0 60-40 92-88 92s-88-32-88-92Z" fill="url(#skin)"/><path d="M412 690c50 62 126 62 176 0v34c-50 56-126 56-176 0Z" fill="#5a1f14" opacity=".22"/>
    <ellipse cx="330" cy="492" rx="30" ry="50" fill="url(#skin)"/><ellipse cx="670" cy="492" rx="30" ry="50" fill="url(#skin)"/>
    <path d="M326 440c0-150 80-226 174-226s174 76 174 226c0 170-84 272-174 272s-174-102-174-272Z" fill="url(#skin)"/>
    <circle cx="400" cy="565" r="62" fill="url(#blush)"/><circle cx="600" cy="565" r="62" fill="url(#blush)"/>
    <g fill="#fff"><ellipse cx="428" cy="470" rx="31" ry="20"/><ellipse cx="572" cy="470" rx="31" ry="20"/></g>
    <g fill="#38261e"><circle cx="431" cy="470" r="17"/><circle cx="575" cy="470" r="17"/></g><g fill="#fff"><circle cx="425" cy="463" r="5"/><circle cx="569" cy="463" r="5"/></g>
    <g fill="none" stroke-linecap="round"><path d="M388 426c22-18 54-18 76-4M536 422c22-14 54-14 76 4" stroke="${look.hair[look.hair.length - 1]}" stroke-width="13"/>
    <path d="M500 480c-6 40-24 62-14 76c8 8 22 8 32 2" stroke="#6b2c1c" stroke-opacity=".45" stroke-width="8"/>
    <path d="M432 612c40 38 96 38 136 0" stroke="#9c3a30" stroke-width="13"/></g>
    ${fringe}</svg>`
}

/** The needle and rose of a compass: the one drawing that has no size of its own. */
export const compass = () => {
  const ticks = Array.from({ length: 72 }, (_, i) => {
    const long = i % 18 === 0 ? 26 : i % 6 === 0 ? 18 : 9
    return `<path d="M256 ${62}v${long}" transform="rotate(${i * 5} 256 256)" stroke-width="${i % 18 === 0 ? 5 : 2.5}"/>`
  }).join('')
  const point = (
    /** @type {number} */ angle,
    /** @type {number} */ long,
    /** @type {number} */ wide,
    /** @type {string} */ light,
    /** @type {string} */ dark,
  ) =>
    `<g transform="rotate(${angle} 256 256)"><path d="M256 ${256 - long}L${256 - wide} ${256 - wide}L256 256Z" fill="${light}"/><path d="M256 ${256 - long}L${256 + wide} ${256 - wide}L256 256Z" fill="${dark}"/></g>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><title>Compass</title>
  <defs><radialGradient id="dial" cx=".38" cy=".3" r=".8"><stop offset="0" stop-color="#fffdf6"/><stop offset="1" stop-color="#e3d9c0"/></radialGradient>
  <linearGradient id="rim" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#f0cf86"/><stop offset=".5" stop-color="#9a6a24"/><stop offset="1" stop-color="#e5bd6c"/></linearGradient></defs>
  <circle cx="256" cy="256" r="236" fill="url(#rim)"/><circle cx="256" cy="256" r="204" fill="url(#dial)"/>
  <g stroke="#5b4a2e">${ticks}</g>
  ${[45, 135, 225, 315].map((angle) => point(angle, 112, 20, '#b9a67c', '#8d7a52')).join('')}
  ${[90, 180, 270].map((angle) => point(angle, 160, 26, '#35587a', '#1d3854')).join('')}${point(0, 172, 26, '#d9452f', '#9f2716')}
  <circle cx="256" cy="256" r="15" fill="url(#rim)" stroke="#5b4a2e" stroke-width="2"/>
</svg>
`
}
