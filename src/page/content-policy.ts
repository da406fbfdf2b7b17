/** A host for a page that does not say its own. */
const NOWHERE = 'https://page.invalid/'

/** Files in which hosts find the headers of a site: Netlify, Cloudflare Pages, Azure, Vercel, Apache. */
export const HEADER_FILES = [
  '_headers',
  'netlify.toml',
  'staticwebapp.config.json',
  'vercel.json',
  '.htaccess',
]

/** The Content-Security-Policies in a file of headers, of whatever pages. */
export const listHeaderPolicies = (text: string): readonly string[] =>
  [
    ...text.matchAll(
      /content-security-policy(?!-)"?[\s:=,]*(?:"value"\s*:\s*)?(?:["']{3}|")?([^"\r\n]+?)(?:'{3}|["\r\n]|$)/gi,
    ),
  ].flatMap(([, policy]) => policy ?? [])

/**
 * Whether a page's Content-Security-Policies, as its `<meta>`s or its site's headers say them, forbid a picture that
 * stands in place of another: one of the same host is as allowed as that. `own`: the page's address, where it says that.
 */
export const isForbidden = (
  address: string,
  { instead, own = NOWHERE }: { readonly instead: string; readonly own?: string | undefined },
  policies: readonly string[],
): boolean => {
  const page = URL.canParse(own, NOWHERE) ? new URL(own, NOWHERE) : new URL(NOWHERE)
  const [url, before] = [new URL(address, page), new URL(instead, page)]
  return url.host !== before.host && policies.some((policy) => !allowsPicture(policy, url, page))
}

const allowsPicture = (policy: string, url: URL, page: URL): boolean =>
  listAllowed(policy, 'img-src')?.some((source) => isAllowed(source, url, page)) ?? true

/**
 * Whether Content-Security-Policies forbid a `style` in a tag. Where a nonce or a hash stands, 'unsafe-inline' does not
 * count.
 */
export const forbidsStyle = (policies: readonly string[]): boolean =>
  policies.some((policy) => {
    const allowed = listAllowed(policy, 'style-src-attr', 'style-src')
    return (
      allowed?.includes("'unsafe-inline'") === false ||
      allowed?.some((each) => /^'(?:nonce|sha\d+)-/.test(each))
    )
  })

/** The sources in the first of these directives that a policy has, else in `default-src`; undefined: all are allowed. */
const listAllowed = (policy: string, ...names: readonly string[]): readonly string[] | undefined => {
  const directives = policy.split(';').map((directive) => directive.trim().toLowerCase().split(/\s+/))
  for (const wanted of [...names, 'default-src']) {
    const found = directives.find(([name]) => name === wanted)
    if (found !== undefined) return found.slice(1)
  }
  return undefined
}

const isAllowed = (source: string, url: URL, page: URL): boolean => {
  if (source === '*' || source === url.protocol) return true
  // CSP 3, "scheme-part matches"; so does Chromium.
  if (source === 'http:' && url.protocol === 'https:') return true
  if (source === "'self'") return url.host === page.host
  const [, scheme, host = '', port, path = '/'] =
    /^(?:([a-z]+):\/\/)?([^/:]+)(?::(\d+|\*))?(\/.*)?$/.exec(source) ?? []
  const isHost = host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : host === url.hostname
  const isScheme = scheme === undefined || scheme === 'http' || `${scheme}:` === url.protocol
  const isPort = port === undefined ? url.port === '' : port === '*' || port === (url.port || '443')
  const way = url.pathname.toLowerCase()
  return isHost && isScheme && isPort && (path.endsWith('/') ? way.startsWith(path) : way === path)
}
