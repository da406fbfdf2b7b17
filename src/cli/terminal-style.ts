/** Colours for a terminal; each returns its text unchanged where colours are off. */
export type Style = Readonly<
  Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>
>

/**
 * Colours are on for a terminal; off where NO_COLOR is set to anything but "" (no-color.org) or the terminal is dumb;
 * on where FORCE_COLOR is set, unless to "0" or "false". If both are set, NO_COLOR counts: a person sets it, while the
 * other is mostly the default of a CI.
 */
export const chooseStyle = (env: NodeJS.ProcessEnv, isTerminal: boolean): Style => {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM } = env
  if (refused !== undefined && refused !== '') return PLAIN
  if (forced !== undefined) return forced === '0' || forced === 'false' ? PLAIN : COLOURED
  return isTerminal && TERM !== 'dumb' ? COLOURED : PLAIN
}

/**
 * Whether a line may be written over: on a terminal that a person watches. Buildkite and CircleCI also give their jobs
 * a terminal, but keep everything that was ever written to it.
 */
export const canRedrawOn = ({ CI = '', TERM }: NodeJS.ProcessEnv, isTerminal: boolean): boolean =>
  isTerminal && TERM !== 'dumb' && ['', '0', 'false'].includes(CI)

/** ECMA-48 SGR: sets a style, and resets it. */
const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`

const COLOURED: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
}

const same = (text: string): string => text

const PLAIN: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }
