/** A program that makes smaller copies of pictures. */
interface Maker {
  readonly name: string
  /** What tells a copy, in its path or address. */
  readonly copy: RegExp
  /** What stands there in the original's, as in `replace`; undefined where the copy does not tell. */
  readonly original?: string
  /** Finds a copy that shows all of its original, with its `width`, and its `height`, if it tells them; others with sides are cropped. */
  readonly whole?: RegExp
  /** The glob of copies that lie among originals. */
  readonly exclude?: string
  /** Whether an original may have such a name, too: then the one of its copy lies beside it. */
  readonly isBeside?: boolean
}

/**
 * `cat-scaled.jpg` of WordPress and `cat.jpg` of Ghost are no copies here, though larger uploads lie beside them: they
 * are what pages name.
 */
const MAKERS: readonly Maker[] = [
  {
    name: 'WordPress',
    copy: /-\d+x\d+(?=\.\w+$)/,
    original: '',
    whole: /-(?<width>\d+)x(?<height>\d+)\.\w+$/,
    exclude: '**/*-+([0-9])x+([0-9]).*',
    isBeside: true,
  },
  {
    name: 'Joomla',
    copy: /\bthumbs\/([^/]+)_\d+x\d+(?=\.\w+$)/,
    original: '$1',
    whole: /_(?<width>\d+)x(?<height>\d+)\.\w+$/,
    exclude: '**/thumbs/*_+([0-9])x+([0-9]).*',
  },
  {
    name: 'Drupal',
    copy: /\bstyles\/[^/]+\/(?:public|private)\/(.+?\.\w+)(?:\.webp|\.avif)?$/,
    original: '$1',
    // Its own styles of this name scale.
    whole: /\bstyles\/max_\d+x\d+\//,
    exclude: '**/styles/*/{public,private}/**',
  },
  {
    name: 'Ghost',
    copy: /\bsize\/w\d+(?:h\d+)?\/(?:format\/\w+\/)?/,
    original: '',
    whole: /\bsize\/w(?<width>\d+)\//,
    exclude: '**/size/w+([0-9])*/**',
  },
  {
    name: 'Webflow',
    copy: /-p-\d+(?=\.\w+$)/,
    original: '',
    whole: /-p-(?<width>\d+)\.\w+$/,
    exclude: '**/*-p-+([0-9]).*',
    isBeside: true,
  },
  {
    name: 'Kirby',
    copy: /-\d{2,}x(?=\.\w+$)/,
    original: '',
    whole: /-(?<width>\d+)x\.\w+$/,
    exclude: '**/*-[0-9]+([0-9])x.*',
    isBeside: true,
  },
  {
    name: 'Lektor',
    copy: /@(?:\d+|\d*x\d+)(?:_(?:fit|crop|stretch))?(?:_q\d+)?(?=\.\w+$)/,
    original: '',
    whole: /@(?<width>\d+)(?:_q\d+)?\.\w+$/,
  },
  { name: 'Magento', copy: /\bcache\/[0-9a-f]{32}\//, original: '', exclude: '**/cache/+([0-9a-f])/**' },
  { name: 'TYPO3', copy: /(?:^|\/)_processed_\//, exclude: '**/_processed_/**' },
  {
    name: 'MediaWiki',
    copy: /\bthumb\/(.+)\/\d+px-[^/]+$/,
    original: '$1',
    whole: /\/(?<width>\d+)px-[^/]+$/,
    exclude: '**/thumb/**/+([0-9])px-*',
  },
  {
    name: 'a converter',
    copy: /(?<=\.(?:jpe?g|png|gif))\.(?:webp|avif)$/i,
    original: '',
    exclude: '**/*.{jpg,jpeg,png,gif}.{webp,avif}',
    isBeside: true,
  },
  {
    name: 'Hugo',
    copy: /_hu_?[0-9a-f]{12,}(?:_[^/.]*)?(?=\.\w+$)/,
    original: '',
    whole: /_(?:(?<width>\d+)x0_resize|\d+x\d+_fit)_[^/]*$/,
  },
  { name: 'Jetpack', copy: /^(?:https?:)?\/\/i\d\.wp\.com\/[^/]+(?=\/)/, original: '' },
  { name: 'Nuxt or Cloudflare', copy: /\b(?:_ipx|cdn-cgi\/image)\/[^/]+\//, original: '' },
  {
    name: 'Next.js',
    copy: /^.*(?:_next\/image|_vercel\/image|\.netlify\/images)\/?\?(?:.*&)?url=([^&]+).*$/,
    original: '$1',
  },
]

/** Longer addresses contain a picture; and the time that a pattern takes may grow with the square of its text. */
const LONGEST = 2048

/** A smaller copy of a picture, as its address tells. */
interface Copy {
  /** Addresses of which one is its original's, the most likely first. */
  readonly originals: readonly string[]
  /** Its width in pixels, unless the original is smaller; undefined where its address does not tell. */
  readonly width: number | undefined
  /** Whether it shows all of an original of this size in pixels; undefined where its address does not tell. */
  isWhole(original: { readonly width: number; readonly height: number }): boolean | undefined
}

/** Undefined where an address is not that of a copy. */
export const readCopy = (address: string): Copy | undefined => {
  if (address.length > LONGEST) return undefined
  // Only servers that resize ask for anything by a query.
  const [path = ''] = address.split(/[?#]/)
  for (const { name, copy, original, whole } of MAKERS) {
    const text = [path, address].find((each) => copy.test(each))
    if (original === undefined || text === undefined) continue
    const first = text.replace(copy, original).replace(/%2F/gi, '/')
    const shown = whole?.exec(text)
    const [wide, high] = [shown?.groups?.width, shown?.groups?.height].map((side) => side && Number(side))
    return {
      width: wide || undefined,
      originals: name === 'WordPress' ? [first, first.replace(/(?=\.\w+$)/, '-scaled')] : [first],
      isWhole: ({ width, height }) => {
        if (!shown) return /\d[xh]\d/.test(text) ? false : undefined
        if (!wide || !high) return true
        return (
          Math.min(Math.abs(high - (wide * height) / width), Math.abs(wide - (high * width) / height)) <= 1
        )
      },
    }
  }
  return undefined
}

/** Copies of one maker among some pictures. */
export interface Copies {
  readonly maker: string
  readonly count: number
  readonly example: string
  readonly exclude: string
  /** Pictures that the glob leaves out as well, though no original lies beside them. */
  readonly others: readonly string[]
}

/** The smaller copies among pictures, by their paths; none of a maker to whom too many names may belong by chance. */
export const findCopies = (paths: readonly string[]): readonly Copies[] => {
  const stems = new Set(paths.map(toStem))
  return MAKERS.flatMap(({ name: maker, copy, exclude, isBeside }) => {
    const alike = exclude === undefined ? [] : paths.filter((path) => copy.test(path))
    const [copies, others]: [string[], string[]] = [[], []]
    for (const path of alike) {
      const stem = toStem(path.replace(copy, ''))
      const isCopy = !isBeside || stems.has(stem) || stems.has(`${stem}-scaled`)
      ;(isCopy ? copies : others).push(path)
    }
    const [example] = copies
    if (exclude === undefined || example === undefined || others.length * 10 > copies.length) return []
    return [{ maker, count: copies.length, example, exclude, others }]
  })
}

const toStem = (path: string): string => path.replace(/\.\w+$/, '')
