import type { Command, CommandContext } from '../command.ts'
import { type Flags, requireWord } from '../flags.ts'

/**
 * Each script asks the program itself what may follow. `SHELL` tells the form: with descriptions, if the shell shows
 * them.
 */
const SCRIPTS = {
  bash: `# For imgsizes in bash. In ~/.bashrc: source <(imgsizes completion bash)
_imgsizes() {
  local IFS=$'\\n'
  local word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(SHELL=bash imgsizes --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" -- "$word"))
}
complete -o default -F _imgsizes imgsizes`,
  zsh: `#compdef imgsizes
# For imgsizes in zsh. In ~/.zshrc, after compinit: source <(imgsizes completion zsh)
_imgsizes() {
  local -a found
  found=("\${(@f)$(SHELL=zsh imgsizes --get-yargs-completions "\${words[@]:0:$CURRENT}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then _describe 'imgsizes' found; else _files; fi
}
compdef _imgsizes imgsizes`,
  fish: `# For imgsizes in fish. In ~/.config/fish/config.fish: imgsizes completion fish | source
complete -c imgsizes -a '(SHELL=fish imgsizes --get-yargs-completions (commandline -opc) (commandline -ct) 2>/dev/null)'`,
} as const

const SHELLS = ['bash', 'zsh', 'fish'] as const

const run = async (flags: Flags, { terminal }: CommandContext): Promise<number> => {
  const given = flags.argument('shell')
  const shell = requireWord(given, SHELLS, `${JSON.stringify(given)} is not a known shell`)
  terminal.print(SCRIPTS[shell])
  return 0
}

/** `imgsizes completion`. */
export const command: Command = {
  asks: 'Which shell?',
  examples: [
    ['source <(imgsizes completion bash)', 'in ~/.bashrc'],
    ['imgsizes completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  unusedFlags: ['config', 'source', 'output', 'json', 'quiet', 'verbose', 'concurrency'],
  usage: '$0 completion <shell>\n\nPrints a script by which a shell completes commands and flags with Tab.',
  argument: ['shell', { type: 'string', describe: Object.keys(SCRIPTS).join(', ') }],
  run,
}
