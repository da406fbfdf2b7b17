/** Replaces `imgsizes build` in a text for people by the command as this user must type it. */
export type NameProgram = (text: string) => string

/**
 * Under npx and Yarn there may be no `imgsizes` on the PATH: then each of `commands` is shown as `npx imgsizes build`.
 */
export const chooseProgramName = (env: NodeJS.ProcessEnv, commands: readonly string[]): NameProgram => {
  const runner = env.npm_config_user_agent?.startsWith('yarn/') ? 'yarn' : env.npm_command === 'exec' && 'npx'
  if (!runner) return (text) => text
  // At the beginning of a word, also after a quote or the start of a colour.
  const begin = "(?<=^|[\\s`'(]|\\[[0-9]+m)(?<!npx )"
  const call = new RegExp(`${begin}imgsizes (?=(?:${commands.join('|')})\\b|<command>|--help)`, 'gm')
  return (text) => text.replace(call, `${runner} $&`)
}
