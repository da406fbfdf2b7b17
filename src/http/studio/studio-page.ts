import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The compiled files of the page (`npm run bundle:studio`). */
export interface PageFiles {
  readonly script: string
  readonly style: string
}

/** A missing file is a broken package, so no Problem is thrown for it. */
export const readPageFiles = (): PageFiles => {
  const require = createRequire(import.meta.url)
  const read = (name: string): string => readFileSync(require.resolve(name), 'utf8')
  return { script: read('#studio-script'), style: read('#studio-style') }
}

/** The page itself. It loads its files with the token, as everything else; the token is base64url. */
export const formatPage = (token: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>imgsizes studio</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%231f5fd0'/%3E%3Cpath d='M4 11V5h3v3h5v3z' fill='%23fff'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/studio.css?token=${token}">
<body>
<noscript>imgsizes studio needs JavaScript.</noscript>
<script type="module" src="/studio.js?token=${token}"></script>
</body>
</html>
`
