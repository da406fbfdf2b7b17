/** A text for people in which commands to run are written as `imgsizes build`, as they are to be typed. */
export type NameProgram = (text: string) => string

/** Started by npx there may be no `imgsizes` on the PATH: then each of `commands` is named as `npx imgsizes build`. */
export const chooseProgramName = (env: NodeJS.ProcessEnv, commands: readonly string[]): NameProgram => {
  if (env.npm_command !== 'exec') return (text) => text
  // Where a word begins: also in quotes, and where a colour does.
  const begin = "(?<=^|[\\s`'(]|\\[[0-9]+m)(?<!npx )"
  const call = new RegExp(`${begin}imgsizes (?=(?:${commands.join('|')})\\b|<command>|--help)`, 'gm')
  return (text) => text.replace(call, 'npx $&')
}
