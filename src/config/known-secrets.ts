/** The secret of this repository's demo. Everybody knows it. */
export const DEMO_SECRET = 'imgsizes-demo-secret-not-for-production'

/** Secrets in our own documentation. */
export const KNOWN_SECRETS: readonly string[] = [DEMO_SECRET, 'correct-horse-battery-staple']
