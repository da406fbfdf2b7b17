/** The secret of this repository's own demo. Everybody has it. */
export const DEMO_SECRET = 'imgsizes-demo-secret-not-for-production'

/** Secrets that stand in our own documentation. */
export const KNOWN_SECRETS: readonly string[] = [DEMO_SECRET, 'correct-horse-battery-staple']
